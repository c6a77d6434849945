// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams
import TestSupport
import Testing

/// One depthwise convolution to test.
struct DepthwiseCase: Sendable, CustomTestStringConvertible {
  let height, width, channels, multiplier, kernelHeight, kernelWidth, stride: Int
  let padding: WindowGeometry.Padding

  var geometry: WindowGeometry {
    WindowGeometry(
      batch: 3, inputHeight: height, inputWidth: width, inputChannels: channels,
      kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride, padding: padding)
  }
  var kernel: ConvolutionKernel {
    ConvolutionKernel(depthwise: geometry, multiplier: multiplier)
  }
  var inputCount: Int { 3 * height * width * channels }
  var outputCount: Int {
    3 * geometry.outputHeight * geometry.outputWidth * channels * multiplier
  }
  var testDescription: String {
    "\(height)x\(width)x\(channels)*\(multiplier) k\(kernelHeight)x\(kernelWidth) s\(stride) "
      + "\(padding)"
  }

  static let all: [DepthwiseCase] = {
    var cases: [DepthwiseCase] = []
    for (kernelHeight, kernelWidth) in [(1, 1), (3, 3), (1, 7), (5, 5), (4, 2)] {
      for stride in [1, 2] {
        for padding in WindowGeometry.Padding.allCases {
          for (height, width, channels) in [
            (6, 7, 1), (5, 9, 3), (7, 8, 8), (9, 11, 37), (1, 2, 16), (2, 1, 20),
          ] where padding == .same || (height >= kernelHeight && width >= kernelWidth) {
            for multiplier in [1, 2] {
              cases.append(
                DepthwiseCase(
                  height: height, width: width, channels: channels, multiplier: multiplier,
                  kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride,
                  padding: padding))
            }
          }
        }
      }
    }
    return cases + large
  }()

  /// Images of several bands.
  static let large: [DepthwiseCase] = [
    DepthwiseCase(
      height: 50, width: 45, channels: 64, multiplier: 1, kernelHeight: 3, kernelWidth: 3,
      stride: 1, padding: .same),
    DepthwiseCase(
      height: 41, width: 60, channels: 50, multiplier: 1, kernelHeight: 3, kernelWidth: 3,
      stride: 2, padding: .same),
    DepthwiseCase(
      height: 20, width: 17, channels: 24, multiplier: 1, kernelHeight: 5, kernelWidth: 1,
      stride: 3, padding: .same),
    DepthwiseCase(
      height: 31, width: 20, channels: 20, multiplier: 2, kernelHeight: 3, kernelWidth: 3,
      stride: 1, padding: .same),
  ]
}

@Suite struct DepthwiseTests {
  private let memory = TestMemory()

  @Test(arguments: DepthwiseCase.all)
  func allPassesEqualTheirTwinsExactly(_ test: DepthwiseCase) throws {
    let kernel = test.kernel
    let pool = ThreadPool(threads: 2)
    let x: [Float] = IntegerData.values(test.inputCount, salt: 1)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 2)
    let dy: [Float] = IntegerData.values(test.outputCount, salt: 3)
    let input = try memory.holding(x)
    let weightBuffer = try memory.holding(weights)
    let gradient = try memory.holding(dy)
    let scratch = try memory.poisoned(kernel.scratchCount(threads: 2))
    let y = try memory.poisoned(test.outputCount)
    kernel.forward(x: input, kernel: weightBuffer, bias: nil, y: y, scratch: scratch, pool: pool)
    #expect(
      y.array
        == Reference.depthwise(
          x, kernel: weights, geometry: test.geometry, multiplier: test.multiplier))
    let expected = Reference.depthwiseGradients(
      x: x, kernel: weights, dy: dy, geometry: test.geometry, multiplier: test.multiplier)
    let dx = try memory.poisoned(test.inputCount)
    kernel.inputGradient(
      dy: gradient, kernel: weightBuffer, dx: dx, accumulate: false, scratch: scratch, pool: pool)
    #expect(dx.array == expected.dx)
    dx.copy(from: x)
    kernel.inputGradient(
      dy: gradient, kernel: weightBuffer, dx: dx, accumulate: true, scratch: scratch, pool: pool)
    #expect(dx.array == zip(x, expected.dx).map(+))
    let dKernel = try memory.poisoned(kernel.kernelCount)
    kernel.kernelGradient(x: input, dy: gradient, dKernel: dKernel, scratch: scratch, pool: pool)
    #expect(dKernel.array == expected.dKernel)
  }

  /// A kernel packed once, its outputs scaled, biased and rectified.
  @Test(arguments: DepthwiseCase.all)
  func packedForwardEqualsItsTwinExactly(_ test: DepthwiseCase) throws {
    let kernel = test.kernel
    let pool = ThreadPool(threads: 2)
    let outputs = test.channels * test.multiplier
    let x: [Float] = IntegerData.values(test.inputCount, salt: 1)
    let weights: [Float] = IntegerData.values(kernel.kernelCount, salt: 2)
    let scale: [Float] = IntegerData.values(outputs, salt: 3, bound: 3)
    let bias: [Float] = IntegerData.values(outputs, salt: 4)
    let packed = try memory.poisoned(kernel.packedCount)
    kernel.pack(
      try memory.holding(weights), scale: try memory.holding(scale),
      bias: try memory.holding(bias), into: packed, pool: pool)
    let sums = Reference.depthwise(
      x, kernel: weights, geometry: test.geometry, multiplier: test.multiplier)
    let expected = sums.enumerated().map { $1 * scale[$0 % outputs] + bias[$0 % outputs] }
    for isRectified in [false, true] {
      let y = try memory.poisoned(test.outputCount)
      kernel.forward(
        x: InputView(try memory.holding(x)), packed: packed, activation: isRectified ? .relu : nil,
        y: y,
        scratch: try memory.poisoned(kernel.packedScratchCount(threads: 2)), pool: pool)
      #expect(y.array == (isRectified ? Reference.relu(expected) : expected))
    }
  }

  @Test(arguments: DepthwiseCase.large)
  func anyNumberOfThreadsGivesTheSameBits(_ test: DepthwiseCase) throws {
    var random = RandomStream(seed: 7, "depthwise")
    let kernel = test.kernel
    let x = try memory.holding((0..<test.inputCount).map { _ in random.normal() })
    let weights = try memory.holding((0..<kernel.kernelCount).map { _ in random.normal() })
    let dy = try memory.holding((0..<test.outputCount).map { _ in random.normal() })
    let results = try [1, 2, 3].map { threads in
      let pool = ThreadPool(threads: threads)
      let scratch = try memory.poisoned(kernel.scratchCount(threads: threads))
      let y = try memory.poisoned(test.outputCount)
      let dx = try memory.poisoned(test.inputCount)
      let dKernel = try memory.poisoned(kernel.kernelCount)
      kernel.forward(x: x, kernel: weights, bias: nil, y: y, scratch: scratch, pool: pool)
      kernel.inputGradient(
        dy: dy, kernel: weights, dx: dx, accumulate: false, scratch: scratch, pool: pool)
      kernel.kernelGradient(x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      return [y, dx, dKernel].map { bits($0.array) }
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
