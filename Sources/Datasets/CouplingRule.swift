// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The exact Bayes rule of `coupling`: no classifier can be right more often.
///
/// An image of class k is x = T_k ∗ g + σn with white Gaussian g (one field) and n (one field a
/// channel), all of unit variance. With unnormalised transforms over N×N pixels E|ĝ(f)|² = N², so
/// at every frequency the vector x̂ over the channels is Gaussian with covariance
/// Σ = N² (σ²I + T̂T̂ᴴ), whose determinant and inverse are
///
///     ln det Σ = const + ln(1 + |T̂|²/σ²)
///     Σ⁻¹ = (I − T̂T̂ᴴ / (σ² + |T̂|²)) / (N²σ²)
///
/// Frequencies f and −f carry the same numbers, so a sum over all of them counts everything twice,
/// and f = −f, where x̂ is real, carries half as much as a complex number. Hence the logarithm of
/// p(x | k) over the density of noise alone is
///
///     ½ Σ_f [ |T̂_kᴴx̂|² / (N²σ²(σ² + |T̂_k|²)) − ln(1 + |T̂_k|²/σ²) ]
///
/// and classes being equally frequent the rule takes the largest.
public struct CouplingRule: Sendable {
  private let spectrum: CouplingSpectrum
  /// ½ · weight / (N²σ²(σ² + |T̂|²)) as [class, frequency].
  private let gains: [Double]
  /// ½ Σ weight · ln(1 + |T̂|²/σ²), one a class.
  private let penalties: [Double]
  private let cosines: [Double]
  private let sines: [Double]

  /// - Parameters:
  ///   - templates: of the classes.
  ///   - sigma: the standard deviation of the noise, above 0.
  public init(_ templates: CouplingTemplates, sigma: Double) {
    self.init(CouplingSpectrum(templates), sigma: sigma)
  }

  init(_ spectrum: CouplingSpectrum, sigma: Double) {
    self.spectrum = spectrum
    (gains, penalties) = Self.weights(spectrum, sigma: sigma)
    (cosines, sines) = CouplingSpectrum.waves(spectrum.size)
  }

  static func weights(
    _ spectrum: CouplingSpectrum, sigma: Double
  ) -> (gains: [Double], penalties: [Double]) {
    let variance = sigma * sigma
    let pixels = Double(spectrum.size * spectrum.size)
    let count = spectrum.frequencies.count
    var gains: [Double] = []
    var penalties = [Double](repeating: 0, count: spectrum.classes)
    for index in 0..<spectrum.classes {
      for (position, frequency) in spectrum.frequencies.enumerated() {
        let power = spectrum.power[index * count + position]
        let half = Double(frequency.weight) / 2
        gains.append(half / (pixels * variance * (variance + power)))
        penalties[index] += half * log1p(power / variance)
      }
    }
    return (gains, penalties)
  }

  /// The log-likelihood of every class minus that of noise alone.
  ///
  /// - Parameter image: the values of one image [height, width, channel], unstandardised.
  public func logLikelihoods(of image: ArraySlice<Float>) -> [Double] {
    let (re, im) = transform(image)
    let (count, channels) = (spectrum.frequencies.count, spectrum.channels)
    return (0..<spectrum.classes).map { index in
      var sum = -penalties[index]
      for frequency in 0..<count {
        var (real, imaginary) = (0.0, 0.0)
        let template = (index * count + frequency) * channels
        for channel in 0..<channels {
          let (a, b) = (
            spectrum.real[template + channel], spectrum.imaginary[template + channel]
          )
          let (c, d) = (re[frequency * channels + channel], im[frequency * channels + channel])
          real += a * c + b * d
          imaginary += a * d - b * c
        }
        sum += gains[index * count + frequency] * (real * real + imaginary * imaginary)
      }
      return sum
    }
  }

  /// The share of the images of a set that the rule classifies rightly.
  public func accuracy(on set: ImageSet) -> Double {
    guard case .floats(let values) = set.pixels, set.count > 0 else { return .nan }
    let block = 64
    let right = parallelMap((set.count + block - 1) / block) { index in
      (index * block..<min(set.count, (index + 1) * block)).count { image in
        let pixels = values[image * set.size.count..<(image + 1) * set.size.count]
        let scores = logLikelihoods(of: pixels)
        return scores.indices.allSatisfy { scores[$0] <= scores[set.labels[image]] }
      }
    }
    return Double(right.reduce(0, +)) / Double(set.count)
  }

  /// The spectrum of an image as [frequency, channel], rows first and then columns.
  private func transform(_ image: ArraySlice<Float>) -> (re: [Double], im: [Double]) {
    let (size, channels) = (spectrum.size, spectrum.channels)
    let columns = size / 2 + 1
    var rowsRe = [Double](repeating: 0, count: size * columns * channels)
    var rowsIm = rowsRe
    for row in 0..<size {
      for column in 0..<columns {
        let target = (column * size + row) * channels
        for position in 0..<size {
          let (cosine, sine) = (
            cosines[column * position % size], sines[column * position % size]
          )
          let source = image.startIndex + (row * size + position) * channels
          for channel in 0..<channels {
            rowsRe[target + channel] += Double(image[source + channel]) * cosine
            rowsIm[target + channel] -= Double(image[source + channel]) * sine
          }
        }
      }
    }
    var re = [Double](repeating: 0, count: spectrum.frequencies.count * channels)
    var im = re
    for (index, frequency) in spectrum.frequencies.enumerated() {
      let target = index * channels
      for row in 0..<size {
        let (cosine, sine) = (
          cosines[frequency.row * row % size], sines[frequency.row * row % size]
        )
        let source = (frequency.column * size + row) * channels
        for channel in 0..<channels {
          let (a, b) = (rowsRe[source + channel], rowsIm[source + channel])
          re[target + channel] += a * cosine + b * sine
          im[target + channel] += b * cosine - a * sine
        }
      }
    }
    return (re, im)
  }
}
