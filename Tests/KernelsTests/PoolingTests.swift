// SPDX-License-Identifier: Apache-2.0

import Kernels
import TestSupport
import Testing

@Suite struct PoolingTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)

  static let geometries: [WindowGeometry] = {
    var result: [WindowGeometry] = []
    for kernel in [2, 3] {
      for stride in [1, 2] {
        for padding in WindowGeometry.Padding.allCases {
          for (height, width, channels) in [(6, 5, 1), (7, 8, 20), (5, 9, 37), (30, 40, 33)] {
            result.append(
              WindowGeometry(
                batch: 2, inputHeight: height, inputWidth: width, inputChannels: channels,
                kernelHeight: kernel, kernelWidth: kernel, stride: stride, padding: padding))
          }
        }
      }
    }
    return result
  }()

  private func counts(_ geometry: WindowGeometry) -> (input: Int, output: Int) {
    let images = geometry.batch * geometry.inputChannels
    return (
      images * geometry.inputHeight * geometry.inputWidth,
      images * geometry.outputHeight * geometry.outputWidth
    )
  }

  @Test(arguments: geometries)
  func maxPoolingEqualsItsTwinExactly(_ geometry: WindowGeometry) throws {
    let count = counts(geometry)
    // Few different values, so that ties are common and the first must win.
    let x: [Float] = IntegerData.values(count.input, salt: 1, bound: 2)
    let dy: [Float] = IntegerData.values(count.output, salt: 2)
    let kernel = PoolingKernel(geometry: geometry)
    let y = try memory.poisoned(count.output)
    let winners = try memory.poisoned(count.output)
    kernel.maxForward(x: try memory.holding(x), y: y, winners: winners, pool: pool)
    let expected = Reference.maxPooling(x, geometry: geometry)
    #expect(expected.y.count == count.output)
    #expect(y.array == expected.y)
    #expect(winners.array == expected.winners)
    y.fill(.nan)
    kernel.maxForward(x: try memory.holding(x), y: y, winners: nil, pool: pool)
    #expect(y.array == expected.y)
    let dx = try memory.poisoned(count.input)
    let gradient = try memory.holding(dy)
    kernel.maxGradient(dy: gradient, winners: winners, dx: dx, accumulate: false, pool: pool)
    let expectedGradient = Reference.maxPoolingGradient(
      dy: dy, winners: expected.winners, geometry: geometry)
    #expect(dx.array == expectedGradient)
    dx.copy(from: x)
    kernel.maxGradient(dy: gradient, winners: winners, dx: dx, accumulate: true, pool: pool)
    #expect(dx.array == zip(x, expectedGradient).map(+))
  }

  @Test(arguments: geometries)
  func averagePoolingEqualsItsTwin(_ geometry: WindowGeometry) throws {
    let count = counts(geometry)
    // Windows hold 1, 2, 3, 4, 6 or 9 positions; multiples of 36 divide without rounding.
    let x: [Float] = IntegerData.values(count.input, salt: 3).map { $0 * 36 }
    let dy: [Float] = IntegerData.values(count.output, salt: 4).map { $0 * 36 }
    let kernel = PoolingKernel(geometry: geometry)
    let y = try memory.poisoned(count.output)
    kernel.averageForward(x: try memory.holding(x), y: y, pool: pool)
    #expect(y.array == Reference.averagePooling(x, geometry: geometry))
    let gradient = try memory.holding(dy)
    let dx = try memory.poisoned(count.input)
    kernel.averageGradient(dy: gradient, dx: dx, accumulate: false, pool: pool)
    let expected = Reference.averagePoolingGradient(dy: dy, geometry: geometry)
    #expect(dx.array == expected)
    dx.copy(from: x)
    kernel.averageGradient(dy: gradient, dx: dx, accumulate: true, pool: pool)
    #expect(dx.array == zip(x, expected).map(+))
  }

  @Test(arguments: [1, 3, 8, 16, 20, 37, 64])
  func globalAverageEqualsItsTwinExactly(_ channels: Int) throws {
    let (batch, pixels) = (3, 64)
    let x: [Float] = IntegerData.values(batch * pixels * channels, salt: 5)
    let dy: [Float] = IntegerData.values(batch * channels, salt: 6)
    let y = try memory.poisoned(batch * channels)
    GlobalAveragePooling.forward(
      x: try memory.holding(x), y: y, batch: batch, pixels: pixels, channels: channels,
      pool: pool)
    #expect(
      y.array
        == Reference.globalAverage(x, batch: batch, pixels: pixels, channels: channels))
    let expected = Reference.globalAverageGradient(
      dy: dy, batch: batch, pixels: pixels, channels: channels)
    for accumulate in [false, true] {
      let dx = accumulate ? try memory.holding(x) : try memory.poisoned(x.count)
      GlobalAveragePooling.gradient(
        dy: try memory.holding(dy), dx: dx, accumulate: accumulate, batch: batch,
        pixels: pixels, channels: channels, pool: pool)
      #expect(dx.array == (accumulate ? zip(x, expected).map(+) : expected))
    }
  }

  @Test(arguments: [0, 1, 4, 17, 34])
  func aNaNSurvivesMaxPooling(_ position: Int) throws {
    let geometry = WindowGeometry(
      batch: 1, inputHeight: 5, inputWidth: 7, inputChannels: 1, kernelHeight: 3,
      kernelWidth: 3, stride: 2, padding: .same)
    var x: [Float] = IntegerData.values(35, salt: 7)
    x[position] = .nan
    let y = try memory.poisoned(12)
    let winners = try memory.poisoned(12)
    PoolingKernel(geometry: geometry).maxForward(
      x: try memory.holding(x), y: y, winners: winners, pool: pool)
    #expect(!y.isFinite)
    let expected = Reference.maxPooling(x, geometry: geometry)
    #expect(y.array.map(\.isNaN) == expected.y.map(\.isNaN))
    #expect(y.array.contains { !$0.isNaN })
  }
}
