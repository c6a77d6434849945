// SPDX-License-Identifier: Apache-2.0

import Kernels
import TestSupport
import Testing

@Suite struct UpdateTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)
  private let count = 20_003

  private func state(_ salt: UInt64) -> [Float] { IntegerData.values(count, salt: salt) }

  @Test(arguments: [false, true])
  func descentEqualsItsTwinExactly(_ nesterov: Bool) throws {
    // Powers of two as factors keep small integers exact.
    var (w, v) = (state(1), state(3))
    let g = state(2)
    let weights = try memory.holding(w)
    let velocity = try memory.holding(v)
    UpdateKernel.sgd(
      weights: weights, gradients: try memory.holding(g), velocity: velocity,
      learningRate: 0.25, momentum: 0.5, nesterov: nesterov, decay: 0.125, pool: pool)
    Reference.sgd(
      weights: &w, gradients: g, velocity: &v, learningRate: 0.25, momentum: 0.5,
      nesterov: nesterov, decay: 0.125)
    #expect(weights.array == w)
    #expect(velocity.array == v)
  }

  @Test func rmspropEqualsItsTwin() throws {
    var (w, v) = (state(4).map(Double.init), state(5).map(Double.init))
    var s = state(6).map { Double($0 * $0) }
    let g = state(7)
    let weights = try memory.holding(w.map { Float($0) })
    let velocity = try memory.holding(v.map { Float($0) })
    let square = try memory.holding(s.map { Float($0) })
    UpdateKernel.rmsprop(
      weights: weights, gradients: try memory.holding(g), meanSquare: square,
      velocity: velocity, learningRate: 0.5, rho: 0.75, momentum: 0.5, epsilon: 1,
      decay: 0.25, pool: pool)
    Reference.rmsprop(
      weights: &w, gradients: g.map(Double.init), meanSquare: &s, velocity: &v,
      learningRate: 0.5, rho: 0.75, momentum: 0.5, epsilon: 1, decay: 0.25)
    #expect(largestError(weights.array, w) < 1e-6)
    #expect(largestError(velocity.array, v) < 1e-6)
    #expect(largestError(square.array, s) < 1e-6)
  }

  @Test(arguments: [1, 2, 10])
  func adamWEqualsItsTwin(_ step: Int) throws {
    var (w, m) = (state(8).map(Double.init), state(9).map(Double.init))
    var v = state(10).map { Double($0 * $0) }
    let g = state(11)
    let weights = try memory.holding(w.map { Float($0) })
    let first = try memory.holding(m.map { Float($0) })
    let second = try memory.holding(v.map { Float($0) })
    UpdateKernel.adamW(
      weights: weights, gradients: try memory.holding(g), firstMoment: first,
      secondMoment: second, learningRate: 0.125, beta1: 0.5, beta2: 0.75, epsilon: 0.5,
      decay: 0.25, step: step, pool: pool)
    Reference.adamW(
      weights: &w, gradients: g.map(Double.init), firstMoment: &m, secondMoment: &v,
      learningRate: 0.125, beta1: 0.5, beta2: 0.75, epsilon: 0.5, decay: 0.25, step: step)
    #expect(largestError(weights.array, w) < 1e-6)
    #expect(largestError(first.array, m) < 1e-6)
    #expect(largestError(second.array, v) < 1e-6)
  }

  @Test func averageEqualsItsTwinExactly() throws {
    let w = state(12)
    var average = state(13)
    let buffer = try memory.holding(average)
    UpdateKernel.average(weights: try memory.holding(w), into: buffer, decay: 0.75, pool: pool)
    Reference.average(weights: w, into: &average, decay: 0.75)
    #expect(buffer.array == average)
  }
}
