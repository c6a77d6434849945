// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams
import Synchronization

/// The noise at which the best possible accuracy of `coupling` is the one asked for.
///
/// The accuracy of the Bayes rule is the expectation of the largest posterior probability, which a
/// Monte Carlo mean estimates with less variance than counting hits and without steps. The draws
/// stay the same while σ is bisected (common random numbers), so the estimate is a smooth function
/// of σ; its standard error at the end is what the accuracy asked for is uncertain by.
///
/// Only what the rule looks at is drawn, and in the frequency domain, where white fields are
/// independent Gaussian numbers: for an image of class j T̂_kᴴx̂ = a + σb with a = T̂_kᴴT̂_j ĝ and
/// b = T̂_kᴴn̂, so |a|², 2 Re(a b̄) and |b|² are kept and each σ costs one weighted sum.
public struct CouplingCalibration: Hashable, Sendable {
  /// Standard deviation of the noise in every channel.
  public let sigma: Double
  /// The estimate at `sigma`.
  public let accuracy: Double
  /// Its standard error.
  public let accuracyError: Double

  private static let cache = Mutex<[Coupling: CouplingCalibration]>([:])

  /// The calibration for these options, computed once a process (about half a second on one core at
  /// the defaults). The seed and the number of images do not matter to it.
  ///
  /// - Throws: where the accuracy cannot be reached with any noise.
  public static func of(_ options: Coupling) throws(DatasetError) -> CouplingCalibration {
    var key = options
    (key.seed, key.train, key.test) = (0, 0, 0)
    let address = key
    if let known = cache.withLock({ $0[address] }) { return known }
    let calibration = try solve(CouplingSpectrum(try CouplingTemplates(options)), options)
    cache.withLock { $0[address] = calibration }
    return calibration
  }

  private static func solve(
    _ spectrum: CouplingSpectrum, _ options: Coupling
  ) throws(DatasetError) -> CouplingCalibration {
    let draws = CouplingDraws(spectrum, images: options.calibrationImages)
    let target = options.bestPossibleAccuracy
    var (low, high) = (log(1e-3), log(1e2))
    let reachable = draws.accuracy(sigma: exp(low)).mean
    guard reachable >= target else {
      throw DatasetError(
        file: "coupling", value: "bestPossibleAccuracy is \(target)",
        rule: "must be at most \(reachable), which these classes allow with hardly any noise")
    }
    // Far finer than the Monte Carlo error.
    while high - low > 1e-5 {
      let middle = (low + high) / 2
      if draws.accuracy(sigma: exp(middle)).mean >= target { low = middle } else { high = middle }
    }
    let sigma = exp(low)
    let (accuracy, error) = draws.accuracy(sigma: sigma)
    return CouplingCalibration(sigma: sigma, accuracy: accuracy, accuracyError: error)
  }

  private init(sigma: Double, accuracy: Double, accuracyError: Double) {
    (self.sigma, self.accuracy, self.accuracyError) = (sigma, accuracy, accuracyError)
  }
}
