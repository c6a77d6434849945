// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import TestSupport
import Testing

@testable import Kernels

/// Pieces follow the cache of the machine that runs; results do not.
@Suite struct BlockingTests {
  private let memory = TestMemory()

  /// Convolutions, of every method, that are cut otherwise for another cache.
  private static let cases: [ConvolutionCase] = [
    ConvolutionCase(batch: 2, height: 48, width: 48, segments: [(32, 40)]),
    ConvolutionCase(
      batch: 1, height: 28, width: 28, kernelHeight: 1, kernelWidth: 1, segments: [(512, 600)]),
    ConvolutionCase(batch: 1, height: 24, width: 31, stride: 2, segments: [(70, 150)]),
    ConvolutionCase(
      batch: 1, height: 40, width: 60, kernelHeight: 5, kernelWidth: 5, stride: 2,
      segments: [(24, 30), (9, 7)]),
    ConvolutionCase(
      batch: 2, height: 40, width: 50, stride: 2, segments: ConvolutionCase.equal(64, 1)),
    ConvolutionCase(batch: 2, height: 30, width: 50, segments: ConvolutionCase.equal(8, 8)),
    ConvolutionCase(batch: 2, height: 30, width: 50, segments: ConvolutionCase.equal(9, 5)),
  ]

  private static let caches = [256 << 10, 512 << 10, 1280 << 10, 2 << 20, 32 << 20]

  @Test(arguments: Self.cases)
  func everyCacheGivesTheSameBits(_ test: ConvolutionCase) throws {
    let x: [Float] = RealData.normal(test.inputCount, "x")
    let dy: [Float] = RealData.normal(test.outputCount, "dy")
    let weights: [Float] = RealData.normal(test.kernel.kernelCount, "kernel")
    let expected = try memory.passes(kernel(test, .fixed), x, weights, dy).map(bits)
    for bytes in Self.caches {
      let results = try memory.passes(kernel(test, Blocking(bytes: bytes)), x, weights, dy)
      let isSame = results.map(bits) == expected
      #expect(isSame, "\(bytes) bytes")
    }
  }

  /// Or the test above would show nothing.
  @Test func cachesCutOtherwise() throws {
    let tiles = Self.caches.map {
      (kernel(Self.cases[1], Blocking(bytes: $0)).method as? DirectMethod)?.panels?.tiles.count
    }
    #expect(Set(tiles).count == 3, "\(tiles)")
    #expect(Blocking(bytes: 256 << 10) == Blocking(bytes: 512 << 10))
    #expect(Blocking(bytes: 1 << 20).sixteenths(16) == 1 << 18)
  }

  private func kernel(_ test: ConvolutionCase, _ blocking: Blocking) -> ConvolutionKernel {
    let isDepthwise = test.segments.allSatisfy { $0 == (1, 1) }
    return ConvolutionKernel(
      ConvolutionProblem(
        geometry: test.geometry, segments: test.channelSegments, isByTap: isDepthwise,
        blocking: blocking))
  }
}
