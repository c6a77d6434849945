// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams

/// The Monte Carlo sample of a calibration; see `CouplingCalibration` for what is kept and why.
struct CouplingDraws: Sendable {
  /// Eight images of one class.
  private typealias Lanes = SIMD8<Float>

  private struct Block: Sendable {
    /// |a|², 2 Re(a b̄) and |b|², each [class, frequency].
    var signal: [Lanes]
    var cross: [Lanes]
    var noise: [Lanes]
  }

  private let spectrum: CouplingSpectrum
  private let blocks: [Block]

  /// - Parameters:
  ///   - images: rounded up, so that every class comes equally often.
  ///   - name: the random stream, so that a second sample can be independent.
  init(_ spectrum: CouplingSpectrum, images: Int, name: String = "coupling/calibration") {
    self.spectrum = spectrum
    let lanes = Lanes.scalarCount
    let perClass = (images + lanes * spectrum.classes - 1) / (lanes * spectrum.classes)
    let products = Products(spectrum)
    blocks = parallelMap(perClass * spectrum.classes) { index in
      var source = NormalSource(RandomStream(seed: 0, name, index))
      return Self.draw(spectrum, products, index % spectrum.classes, &source)
    }
  }

  /// The mean of the largest posterior probability, and its standard error.
  func accuracy(sigma: Double) -> (mean: Double, error: Double) {
    let (gains, penalties) = CouplingRule.weights(spectrum, sigma: sigma)
    let weights = gains.map { Float($0) }
    let step = 16
    let partial = parallelMap((blocks.count + step - 1) / step) { group in
      var (sum, squares) = (0.0, 0.0)
      for index in group * step..<min(blocks.count, (group + 1) * step) {
        let scores = scores(blocks[index], weights, penalties, Float(sigma))
        for lane in 0..<Lanes.scalarCount {
          let posterior = Self.largestPosterior(scores.map { Double($0[lane]) })
          sum += posterior
          squares += posterior * posterior
        }
      }
      return (sum, squares)
    }
    let count = Double(blocks.count * Lanes.scalarCount)
    let mean = partial.reduce(0) { $0 + $1.0 } / count
    let variance = max(0, partial.reduce(0) { $0 + $1.1 } / count - mean * mean)
    return (mean, (variance / count).squareRoot())
  }

  private func scores(
    _ block: Block, _ weights: [Float], _ penalties: [Double], _ sigma: Float
  ) -> [Lanes] {
    let count = spectrum.frequencies.count
    return (0..<spectrum.classes).map { index in
      var sum = Lanes()
      for position in index * count..<(index + 1) * count {
        let energy =
          block.signal[position] + sigma * (block.cross[position] + sigma * block.noise[position])
        sum += weights[position] * energy
      }
      return sum - Float(penalties[index])
    }
  }

  private static func largestPosterior(_ scores: [Double]) -> Double {
    let largest = scores.max() ?? 0
    return 1 / scores.reduce(0) { $0 + exp($1 - largest) }
  }

  private static func draw(
    _ spectrum: CouplingSpectrum, _ products: Products, _ own: Int, _ source: inout NormalSource
  ) -> Block {
    let (count, channels, classes) = (
      spectrum.frequencies.count, spectrum.channels, spectrum.classes
    )
    let zeros = [Lanes](repeating: Lanes(), count: classes * count)
    var block = Block(signal: zeros, cross: zeros, noise: zeros)
    var noiseRe = [Lanes](repeating: Lanes(), count: channels)
    var noiseIm = noiseRe
    for (position, frequency) in spectrum.frequencies.enumerated() {
      // E|ĝ|² = N²; a real number there where f = −f, else half of it in either part.
      let isReal = frequency.weight == 1
      let scale = Float(spectrum.size) * (isReal ? 1 : Float(0.5).squareRoot())
      let fieldRe = scale * normals(&source)
      let fieldIm = isReal ? Lanes() : scale * normals(&source)
      for channel in 0..<channels {
        noiseRe[channel] = scale * normals(&source)
        noiseIm[channel] = isReal ? Lanes() : scale * normals(&source)
      }
      for index in 0..<classes {
        let product = (index * classes + own) * count + position
        let (productRe, productIm) = (products.real[product], products.imaginary[product])
        let a = (
          re: productRe * fieldRe - productIm * fieldIm,
          im: productRe * fieldIm + productIm * fieldRe
        )
        let b = products.project(noiseRe, noiseIm, at: (index * count + position) * channels)
        block.signal[index * count + position] = a.re * a.re + a.im * a.im
        block.cross[index * count + position] = 2 * (a.re * b.re + a.im * b.im)
        block.noise[index * count + position] = b.re * b.re + b.im * b.im
      }
    }
    return block
  }

  private static func normals(_ source: inout NormalSource) -> Lanes {
    Lanes(lowHalf: source.next(), highHalf: source.next())
  }

  /// T̂_kᴴT̂_j as [k, j, frequency], and the templates themselves, in single precision.
  private struct Products: Sendable {
    var real: [Float] = []
    var imaginary: [Float] = []
    let templateRe: [Float]
    let templateIm: [Float]

    /// T̂ᴴn̂ for the template that begins at `start`.
    @inline(__always)
    func project(_ noiseRe: [Lanes], _ noiseIm: [Lanes], at start: Int) -> (re: Lanes, im: Lanes) {
      var sum = (re: Lanes(), im: Lanes())
      for channel in noiseRe.indices {
        let (re, im) = (templateRe[start + channel], templateIm[start + channel])
        sum.re += re * noiseRe[channel] + im * noiseIm[channel]
        sum.im += re * noiseIm[channel] - im * noiseRe[channel]
      }
      return sum
    }

    init(_ spectrum: CouplingSpectrum) {
      templateRe = spectrum.real.map { Float($0) }
      templateIm = spectrum.imaginary.map { Float($0) }
      let (count, channels) = (spectrum.frequencies.count, spectrum.channels)
      for first in 0..<spectrum.classes {
        for second in 0..<spectrum.classes {
          for position in 0..<count {
            var (re, im) = (0.0, 0.0)
            for channel in 0..<channels {
              let k = (first * count + position) * channels + channel
              let j = (second * count + position) * channels + channel
              re += spectrum.real[k] * spectrum.real[j]
              re += spectrum.imaginary[k] * spectrum.imaginary[j]
              im += spectrum.real[k] * spectrum.imaginary[j]
              im -= spectrum.imaginary[k] * spectrum.real[j]
            }
            real.append(Float(re))
            imaginary.append(Float(im))
          }
        }
      }
    }
  }
}
