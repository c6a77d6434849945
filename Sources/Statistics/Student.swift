// SPDX-License-Identifier: Apache-2.0

import CGSL

/// Student's t with degrees of freedom that need not be whole and may be infinite (then the normal
/// distribution, which it is within 1e-6 from a million on).
///
/// Source: GSL, `gsl_cdf_tdist_*` and `gsl_cdf_ugaussian_*`.
enum Student {
  private static let normalFrom = 1e6

  /// The value that |t| stays below with a probability.
  static func twoSidedQuantile(_ level: Double, degrees: Double) -> Double {
    let upper = (1 - level) / 2
    return degrees > normalFrom
      ? gsl_cdf_ugaussian_Qinv(upper) : gsl_cdf_tdist_Qinv(upper, degrees)
  }

  /// The probability of an |t| at least as large.
  static func twoSidedP(_ statistic: Double, degrees: Double) -> Double {
    let size = abs(statistic)
    guard size.isFinite else { return 0 }
    return 2
      * (degrees > normalFrom ? gsl_cdf_ugaussian_Q(size) : gsl_cdf_tdist_Q(size, degrees))
  }

  /// The value that a standard normal one stays below with a probability.
  static func normalQuantile(_ probability: Double) -> Double {
    gsl_cdf_ugaussian_Pinv(probability)
  }
}
