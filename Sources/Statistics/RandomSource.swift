// SPDX-License-Identifier: Apache-2.0

import CGSL

/// GSL's random numbers by MT19937: the same seed gives the same numbers on every machine.
final class RandomSource {
  private let generator = continuum_mt19937(0)

  init(seed: UInt) { gsl_rng_set(generator, seed) }

  deinit { gsl_rng_free(generator) }

  /// 32 random bits.
  func bits() -> UInt32 { UInt32(truncatingIfNeeded: gsl_rng_get(generator)) }

  /// Standard normal, by the polar method.
  func normal() -> Double { gsl_ran_gaussian(generator, 1) }

  /// A point on the unit sphere, every direction equally likely.
  func direction(dimensions: Int) -> [Double] {
    var direction = [Double](repeating: 0, count: dimensions)
    gsl_ran_dir_nd(generator, dimensions, &direction)
    return direction
  }
}
