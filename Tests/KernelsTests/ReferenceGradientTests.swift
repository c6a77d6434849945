// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import TestSupport
import Testing

/// The twins' gradients against central differences in Double: a twin that is wrong would make
/// every exact test above it worthless.
@Suite struct ReferenceGradientTests {
  /// The largest relative difference between `gradient` and the central differences of
  /// Σ weight · f(x), over every element of x.
  private func error(
    of gradient: [Double], at x: [Double], weight: [Double], _ f: ([Double]) -> [Double]
  ) -> Double {
    guard gradient.count == x.count, f(x).count == weight.count else { return .infinity }
    let step = 1e-5
    var largest = 0.0
    for index in x.indices {
      var (above, below) = (x, x)
      above[index] += step
      below[index] -= step
      let difference = zip(zip(f(above), f(below)), weight).reduce(0.0) {
        $0 + ($1.0.0 - $1.0.1) * $1.1
      }
      let slope = difference / (2 * step)
      let error = abs(slope - gradient[index]) / (1 + abs(slope))
      guard error.isFinite else { return .infinity }
      largest = max(largest, error)
    }
    return largest
  }

  /// Distinct real values, so that no maximum is tied and no rectifier stands on its corner.
  private func values(_ count: Int, _ salt: UInt64) -> [Double] {
    let integers: [Double] = IntegerData.values(count, salt: salt)
    return integers.enumerated().map { $1 / 3 + Double($0 * 37 % 101 + 1) / 1_013 }
  }

  private func geometry(stride: Int, _ padding: WindowGeometry.Padding) -> WindowGeometry {
    WindowGeometry(
      batch: 2, inputHeight: 5, inputWidth: 6, inputChannels: 3, kernelHeight: 3,
      kernelWidth: 2, stride: stride, padding: padding)
  }

  @Test(arguments: [1, 2], WindowGeometry.Padding.allCases)
  func convolutionGradientsMatchDifferences(
    _ stride: Int, _ padding: WindowGeometry.Padding
  ) {
    let window = geometry(stride: stride, padding)
    let segments = [
      ChannelSegment(input: 2, output: 1), ChannelSegment(input: 1, output: 3),
    ]
    let (x, kernel) = (values(180, 1), values(30, 2))
    let forward = { (x: [Double], kernel: [Double]) in
      Reference.convolution(
        x, kernel: kernel, bias: nil, geometry: window, outputChannels: 4, segments: segments)
    }
    let dy = values(forward(x, kernel).count, 3)
    let gradients = Reference.convolutionGradients(
      x: x, kernel: kernel, dy: dy, geometry: window, outputChannels: 4, segments: segments)
    #expect(error(of: gradients.dx, at: x, weight: dy) { forward($0, kernel) } < 1e-5)
    #expect(error(of: gradients.dKernel, at: kernel, weight: dy) { forward(x, $0) } < 1e-5)
  }

  @Test(arguments: [1, 2], WindowGeometry.Padding.allCases)
  func depthwiseGradientsMatchDifferences(_ stride: Int, _ padding: WindowGeometry.Padding) {
    let window = geometry(stride: stride, padding)
    let (x, kernel) = (values(180, 4), values(36, 5))
    let forward = { (x: [Double], kernel: [Double]) in
      Reference.depthwise(x, kernel: kernel, geometry: window, multiplier: 2)
    }
    let dy = values(forward(x, kernel).count, 6)
    let gradients = Reference.depthwiseGradients(
      x: x, kernel: kernel, dy: dy, geometry: window, multiplier: 2)
    #expect(error(of: gradients.dx, at: x, weight: dy) { forward($0, kernel) } < 1e-5)
    #expect(error(of: gradients.dKernel, at: kernel, weight: dy) { forward(x, $0) } < 1e-5)
  }

  @Test(arguments: [1, 2], WindowGeometry.Padding.allCases)
  func poolingGradientsMatchDifferences(_ stride: Int, _ padding: WindowGeometry.Padding) {
    let window = geometry(stride: stride, padding)
    let x = values(180, 7)
    let pooled = Reference.maxPooling(x, geometry: window)
    let dy = values(pooled.y.count, 8)
    let maxGradient = Reference.maxPoolingGradient(
      dy: dy, winners: pooled.winners, geometry: window)
    #expect(
      error(of: maxGradient, at: x, weight: dy) {
        Reference.maxPooling($0, geometry: window).y
      } < 1e-5)
    let averageGradient = Reference.averagePoolingGradient(dy: dy, geometry: window)
    #expect(
      error(of: averageGradient, at: x, weight: dy) {
        Reference.averagePooling($0, geometry: window)
      } < 1e-5)
    let means = values(6, 9)
    #expect(
      error(
        of: Reference.globalAverageGradient(dy: means, batch: 2, pixels: 30, channels: 3),
        at: x, weight: means
      ) { Reference.globalAverage($0, batch: 2, pixels: 30, channels: 3) } < 1e-5)
  }

  @Test func denseGradientsMatchDifferences() {
    let (a, b, dc) = (values(12, 10), values(20, 11), values(15, 12))
    let gradients = Reference.denseGradients(a, b, dc: dc, rows: 3, inner: 4, columns: 5)
    #expect(
      error(of: gradients.da, at: a, weight: dc) {
        Reference.dense($0, b, rows: 3, inner: 4, columns: 5)
      } < 1e-5)
    #expect(
      error(of: gradients.db, at: b, weight: dc) {
        Reference.dense(a, $0, rows: 3, inner: 4, columns: 5)
      } < 1e-5)
  }

  @Test func normalizationGradientsMatchDifferences() {
    let (x, gamma, beta, dy) = (values(24, 13), values(3, 14), values(3, 15), values(24, 16))
    let gradients = Reference.batchNormalizationGradients(
      x: x, gamma: gamma, dy: dy, epsilon: 1e-3)
    let forward = { (x: [Double], gamma: [Double], beta: [Double]) in
      Reference.batchNormalization(x, gamma: gamma, beta: beta, epsilon: 1e-3)
    }
    #expect(error(of: gradients.dx, at: x, weight: dy) { forward($0, gamma, beta) } < 1e-5)
    #expect(error(of: gradients.dGamma, at: gamma, weight: dy) { forward(x, $0, beta) } < 1e-5)
    #expect(error(of: gradients.dBeta, at: beta, weight: dy) { forward(x, gamma, $0) } < 1e-5)
  }

  @Test(arguments: [0.0, 0.1])
  func lossGradientsMatchDifferences(_ smoothing: Double) {
    let (logits, targets) = (values(20, 19), values(20, 20).map { abs($0) })
    let ones = [Double](repeating: 3, count: 4)
    let softmax = Reference.softmaxCrossEntropyGradient(
      logits: logits, targets: targets, classes: 5, labelSmoothing: smoothing, scale: 3)
    #expect(
      error(of: softmax, at: logits, weight: ones) {
        Reference.softmaxCrossEntropy(
          logits: $0, targets: targets, classes: 5, labelSmoothing: smoothing)
      } < 1e-5)
    let sigmoid = Reference.sigmoidCrossEntropyGradient(
      logits: logits, targets: targets, classes: 5, scale: 3)
    #expect(
      error(of: sigmoid, at: logits, weight: ones) {
        Reference.sigmoidCrossEntropy(logits: $0, targets: targets, classes: 5)
      } < 1e-5)
  }

  @Test func aWrongGradientIsNoticed() {
    let (x, dy) = (values(60, 21), values(60, 22))
    var gradient = zip(x, dy).map { $1 * Reference.derivative(.relu, $0) }
    let f = { (x: [Double]) in Reference.relu(x) }
    #expect(error(of: gradient, at: x, weight: dy, f) < 1e-5)
    gradient[7] += 0.01
    #expect(error(of: gradient, at: x, weight: dy, f) > 1e-4)
    gradient[7] = .nan
    #expect(error(of: gradient, at: x, weight: dy, f) == .infinity)
    #expect(error(of: [], at: x, weight: dy, f) == .infinity)
  }
}
