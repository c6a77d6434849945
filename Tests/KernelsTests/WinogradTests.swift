// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import TestSupport
import Testing

@testable import Kernels

/// Where Winograd's algorithm is used, and what it costs in digits. That its passes equal their
/// twins is tested with all other convolutions, in `ConvolutionTests`.
@Suite struct WinogradTests {
  private let memory = TestMemory()

  private func makesByWinograd(_ kernel: ConvolutionKernel) -> (forward: Bool, backward: Bool) {
    let flipped = kernel.gradientMethod as? FlippedInputGradient
    return (kernel.method is WinogradMethod, flipped?.reversed is WinogradMethod)
  }

  @Test(arguments: ConvolutionCase.blocks)
  func wideConvolutionsGoByBlocks(_ test: ConvolutionCase) {
    let kernel = test.kernel
    #expect(makesByWinograd(kernel) == (true, true))
  }

  @Test(arguments: [
    ConvolutionCase(batch: 8, height: 8, width: 8, segments: [(24, 24)]),
    ConvolutionCase(batch: 8, height: 8, width: 8, segments: ConvolutionCase.equal(4, 16)),
    ConvolutionCase(batch: 64, height: 3, width: 3, segments: [(64, 64)]),
    ConvolutionCase(batch: 64, height: 9, width: 1, segments: [(64, 64)]),
    ConvolutionCase(batch: 1, height: 8, width: 8, segments: [(64, 64)]),
    ConvolutionCase(batch: 8, height: 8, width: 8, stride: 2, segments: [(64, 64)]),
    ConvolutionCase(batch: 8, height: 8, width: 8, kernelWidth: 5, segments: [(64, 64)]),
    ConvolutionCase(batch: 8, height: 2, width: 2, padding: .valid, segments: [(64, 64)]),
  ])
  func othersDoNot(_ test: ConvolutionCase) {
    #expect(!makesByWinograd(test.kernel).forward)
    #expect(!makesByWinograd(test.kernel).backward)
  }

  @Test func fiveHundredChannelsStayWithinRounding() throws {
    let test = ConvolutionCase(batch: 2, height: 8, width: 7, segments: [(512, 512)])
    let kernel = test.kernel
    #expect(makesByWinograd(kernel).forward)
    let x: [Double] = RealData.normal(test.inputCount, "x")
    let weights: [Double] = RealData.normal(kernel.kernelCount, "kernel", deviation: 0.02)
    let dy: [Double] = RealData.normal(test.outputCount, "dy")
    let y = Reference.convolution(
      x, kernel: weights, bias: nil, geometry: test.geometry, outputChannels: test.outputs,
      segments: test.channelSegments)
    let gradients = Reference.convolutionGradients(
      x: x, kernel: weights, dy: dy, geometry: test.geometry, outputChannels: test.outputs,
      segments: test.channelSegments)
    let results = try memory.passes(
      kernel, x.map(Float.init), weights.map(Float.init), dy.map(Float.init))
    for (actual, expected) in zip(results, [y, gradients.dx, gradients.dKernel]) {
      #expect(Compare.close(actual, expected, tolerance: 2e-6) == nil)
    }
  }
}
