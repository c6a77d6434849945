// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import RandomStreams
import Testing

@testable import Datasets

@Suite struct CouplingRuleTests {
  /// The rule's sums over frequencies against covariance matrices over all pixels and channels.
  @Test(arguments: [3, 4], [0, 0.5, 1])
  func logLikelihoodsAgreeWithDenseGaussians(size: Int, lambda: Double) throws {
    var options = Coupling()
    (options.size, options.channels, options.classes) = (size, 2, 3)
    options.lambda = lambda
    let templates = try CouplingTemplates(options)
    let sigma = 0.7
    var stream = RandomStream(seed: 5, "image")
    let image = (0..<size * size * 2).map { _ in stream.normal() }
    let found = CouplingRule(templates, sigma: sigma).logLikelihoods(of: image[...])
    #expect(found.count == 3)
    let noise = gaussian(image, Dense.identity(image.count, scale: sigma * sigma))
    for (index, template) in templates.templates.enumerated() {
      let covariance = covariance(template, options, sigma: sigma)
      let expected = gaussian(image, covariance) - noise
      #expect(abs(found[index] - expected) < 1e-9, "class \(index)")
    }
    #expect(Set(found.map { ($0 * 1e6).rounded() }).count == 3)
  }

  /// Cov = AAᵀ + σ²I, where A convolves with the template.
  private func covariance(_ template: [Double], _ options: Coupling, sigma: Double) -> [[Double]] {
    let (size, kernel, channels) = (options.size, options.kernel, options.channels)
    var rows: [[Double]] = []
    for pixel in 0..<size * size {
      for channel in 0..<channels {
        var row = [Double](repeating: 0, count: size * size)
        for tap in 0..<kernel * kernel {
          let y = (pixel / size - (tap / kernel - kernel / 2) + size) % size
          let x = (pixel % size - (tap % kernel - kernel / 2) + size) % size
          row[y * size + x] += template[tap * channels + channel]
        }
        rows.append(row)
      }
    }
    return rows.enumerated().map { first, left in
      rows.enumerated().map { second, right in
        zip(left, right).reduce(first == second ? sigma * sigma : 0) { $0 + $1.0 * $1.1 }
      }
    }
  }

  /// ln of the density of N(0, covariance), without the factor (2π)^{−n/2}.
  private func gaussian(_ image: [Float], _ covariance: [[Double]]) -> Double {
    let factor = Dense.cholesky(covariance)
    var whitened: [Double] = []
    var logDeterminant = 0.0
    for (row, value) in image.enumerated() {
      let known = whitened.indices.reduce(0) { $0 + factor[row][$1] * whitened[$1] }
      whitened.append((Double(value) - known) / factor[row][row])
      logDeterminant += 2 * log(factor[row][row])
    }
    return -0.5 * (logDeterminant + whitened.reduce(0) { $0 + $1 * $1 })
  }

  private enum Dense {
    static func identity(_ count: Int, scale: Double) -> [[Double]] {
      (0..<count).map { row in (0..<count).map { $0 == row ? scale : 0 } }
    }

    static func cholesky(_ matrix: [[Double]]) -> [[Double]] {
      var factor = identity(matrix.count, scale: 0)
      for row in matrix.indices {
        for column in 0...row {
          let known = (0..<column).reduce(0) { $0 + factor[row][$1] * factor[column][$1] }
          let rest = matrix[row][column] - known
          factor[row][column] = row == column ? rest.squareRoot() : rest / factor[column][column]
        }
      }
      return factor
    }
  }
}

@Suite struct CouplingCalibrationTests {
  @Test(arguments: [0, 0.5, 1])
  func bayesRuleReachesItsTargetOnIndependentImages(lambda: Double) throws {
    var options = Coupling()
    options.lambda = lambda
    let templates = try CouplingTemplates(options)
    let calibration = try CouplingCalibration.of(options)
    #expect(abs(calibration.accuracy - 0.99) < 1e-4)
    #expect(calibration.accuracyError > 1e-4 && calibration.accuracyError < 2e-3)
    let sigma = calibration.sigma
    let other = CouplingDraws(CouplingSpectrum(templates), images: 4096, name: "other")
      .accuracy(sigma: sigma)
    let error = (calibration.accuracyError * calibration.accuracyError + other.error * other.error)
    #expect(abs(other.mean - calibration.accuracy) < 4 * error.squareRoot())
    // Images drawn pixel by pixel and classified by the rule: nothing in common with the above.
    let images = CouplingImages(templates, sigma: sigma).draw("independent", count: 4096)
    let hits = CouplingRule(templates, sigma: sigma).accuracy(on: images)
    let binomial = 0.99 * 0.01 / 4096 + calibration.accuracyError * calibration.accuracyError
    #expect(abs(hits - 0.99) < 4 * binomial.squareRoot(), "\(hits)")
  }

  @Test func middlingTargetIsReachedToo() throws {
    var options = Coupling()
    (options.lambda, options.bestPossibleAccuracy) = (1, 0.7)
    options.calibrationImages = 2048
    let sigma = try CouplingCalibration.of(options).sigma
    let templates = try CouplingTemplates(options)
    let images = CouplingImages(templates, sigma: sigma).draw("independent", count: 2048)
    let hits = CouplingRule(templates, sigma: sigma).accuracy(on: images)
    let deviation = (2 * 0.7 * 0.3 / 2048).squareRoot()
    #expect(abs(hits - 0.7) < 4 * deviation, "\(hits)")
    var easier = options
    easier.bestPossibleAccuracy = 0.9
    #expect(try CouplingCalibration.of(easier).sigma < sigma)
  }

  @Test func unreachableTargetIsAnError() throws {
    var options = Coupling()
    // One channel and three pixels leave too little to tell the classes apart.
    (options.channels, options.size, options.calibrationImages) = (1, 3, 256)
    #expect(throws: DatasetError.self) { try CouplingCalibration.of(options) }
  }

  @Test func estimatesAreTheSameBitsUnderAnyLoad() throws {
    let spectrum = CouplingSpectrum(try CouplingTemplates(Coupling()))
    let alone = CouplingDraws(spectrum, images: 256).accuracy(sigma: 1.9)
    let crowded = parallelMap(6) { _ in
      CouplingDraws(spectrum, images: 256).accuracy(sigma: 1.9)
    }
    #expect(crowded.count == 6)
    #expect(crowded.allSatisfy { $0.mean == alone.mean && $0.error == alone.error })
    #expect(alone.mean > 0.5 && alone.mean < 1)
  }
}

@Suite struct CouplingImagesTests {
  @Test func classesComeEquallyOftenAndPrefixesAgree() throws {
    let images = CouplingImages(try CouplingTemplates(Coupling()), sigma: 1)
    let (short, long) = (images.draw("train", count: 80), images.draw("train", count: 200))
    #expect(long.count == 200)
    #expect((0..<8).allSatisfy { label in long.labels.count { $0 == label } == 25 })
    #expect(short.pixels == long.prefix(80).pixels)
    #expect(short.pixels != images.draw("test", count: 80).pixels)
  }

  @Test func seedsGiveDifferentImagesAndTheSameSeedTheSame() throws {
    var options = Coupling()
    let first = CouplingImages(try CouplingTemplates(options), sigma: 1).draw("train", count: 16)
    let again = CouplingImages(try CouplingTemplates(options), sigma: 1).draw("train", count: 16)
    options.seed = 1
    let other = CouplingImages(try CouplingTemplates(options), sigma: 1).draw("train", count: 16)
    #expect(first.pixels == again.pixels)
    #expect(first.pixels != other.pixels)
  }

  @Test func varianceIsThatOfTemplateAndNoise() throws {
    let sigma = 0.5
    let set = CouplingImages(try CouplingTemplates(Coupling()), sigma: sigma)
      .draw("train", count: 800)
    let standardization = Standardization(of: set)
    for channel in 0..<8 {
      // Templates of unit length spread over eight channels, evenly over the classes.
      let expected = (1.0 / 8 + sigma * sigma).squareRoot()
      #expect(abs(Double(standardization.deviation[channel]) - expected) < 0.01)
      #expect(abs(standardization.mean[channel]) < 0.01)
    }
  }

  @Test func normalNumbersHaveTheirMomentsAndTails() {
    var source = NormalSource(RandomStream(seed: 2, "moments"))
    var values = [Float](repeating: 0, count: 200_001)
    source.fill(&values, in: values.indices, scale: 2)
    let halves = values.map { Double($0) / 2 }
    for (power, expected) in [(1, 0.0), (2, 1), (3, 0), (4, 3)] {
      let moment = halves.reduce(0) { $0 + pow($1, Double(power)) } / Double(halves.count)
      #expect(abs(moment - expected) < 0.05, "moment \(power)")
    }
    #expect(abs(Double(halves.count { abs($0) > 2 }) / 200_001 - 0.0455) < 0.003)
  }
}
