// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Pictures
import RandomStreams
import Testing

/// Pictures, RandomStreams and Decoupling.
@Suite struct PictureExample {
  @Test func resizeAPicture() {
    let picture = Picture(height: 2, width: 2, pixels: [UInt8](repeating: 100, count: 12))
    let larger = picture.resized(height: 5, width: 4, .bicubic)
    #expect(larger.pixels == [UInt8](repeating: 100, count: 60))
  }

  /// A stream is known by its seed and its name: the same numbers on every machine, in any order.
  @Test func drawNumbers() {
    var stream = RandomStream(seed: 7, "example")
    let order = stream.permutation(of: 10)
    #expect(order.sorted() == Array(0..<10))
  }

  /// How separable is a kernel? One that is a window times a vector of channels is wholly so.
  @Test func readAKernel() throws {
    let window: [Float] = [1, 2, 1, 2, 4, 2, 1, 2, 1]
    let channels: [Float] = [0.5, -1, 2]
    let values = window.flatMap { tap in channels.map { tap * $0 } }
    let kernel = try #require(SpatialKernel(values, shape: [3, 3, 3, 1]))
    let reading = try #require(KernelDecoupling(kernel))
    #expect(abs(reading.perOutput - 1) < 1e-6)
  }
}
