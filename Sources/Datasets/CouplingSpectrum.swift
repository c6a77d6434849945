// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The templates of `coupling` in the frequency domain.
///
/// Conventions: x̂(f) = Σ_p x(p) e^{−2πi f·p/N} (unnormalised), p and f in an N×N grid. The template
/// sits on its middle tap; where it sits is a phase and cannot matter.
struct CouplingSpectrum: Sendable {
  /// A real image's spectrum is fixed by one frequency of each pair (f, −f).
  struct Frequency: Sendable {
    let row: Int
    let column: Int
    /// 1 where f = −f, and the spectrum is real; 2 where it stands for the pair.
    let weight: Int
  }

  let size: Int
  let channels: Int
  let classes: Int
  let frequencies: [Frequency]
  /// T̂ as [class, frequency, channel].
  let real: [Double]
  let imaginary: [Double]
  /// |T̂|² summed over the channels, as [class, frequency].
  let power: [Double]

  init(_ templates: CouplingTemplates) {
    let options = templates.options
    (size, channels, classes) = (options.size, options.channels, options.classes)
    frequencies = Self.halfPlane(size)
    let (cosines, sines) = Self.waves(size)
    var (real, imaginary, power) = ([Double](), [Double](), [Double]())
    for template in templates.templates {
      for frequency in frequencies {
        var (re, im) = (
          [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
        )
        for tap in 0..<options.kernel * options.kernel {
          let down = tap / options.kernel - options.kernel / 2
          let right = tap % options.kernel - options.kernel / 2
          let turn = frequency.row * down + frequency.column * right
          let phase = (turn % size + size) % size
          for channel in 0..<channels {
            re[channel] += template[tap * channels + channel] * cosines[phase]
            im[channel] -= template[tap * channels + channel] * sines[phase]
          }
        }
        power.append(zip(re, im).reduce(0) { $0 + $1.0 * $1.0 + $1.1 * $1.1 })
        real += re
        imaginary += im
      }
    }
    (self.real, self.imaginary, self.power) = (real, imaginary, power)
  }

  static func halfPlane(_ size: Int) -> [Frequency] {
    var frequencies: [Frequency] = []
    for column in 0..<size {
      for row in 0..<size {
        let mirrored = (size - column) % size * size + (size - row) % size
        let own = column * size + row
        if own > mirrored { continue }
        frequencies.append(Frequency(row: row, column: column, weight: own == mirrored ? 1 : 2))
      }
    }
    return frequencies
  }

  /// cos and sin of 2πj/size for j in 0..<size.
  static func waves(_ size: Int) -> (cosines: [Double], sines: [Double]) {
    let angles = (0..<size).map { 2 * Double.pi * Double($0) / Double(size) }
    return (angles.map { cos($0) }, angles.map { sin($0) })
  }
}
