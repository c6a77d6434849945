// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import Testing

@Suite struct RandomStreamTests {
  @Test func sameAddressGivesSameNumbers() {
    var first = RandomStream(seed: 7, "augmentation", 3, 17)
    var second = RandomStream(seed: 7, "augmentation", 3, 17)
    for _ in 0..<100 { #expect(first.next() == second.next()) }
  }

  @Test(arguments: [
    RandomStream(seed: 8, "augmentation", 3, 17), RandomStream(seed: 7, "dropout", 3, 17),
    RandomStream(seed: 7, "augmentation", 4, 17), RandomStream(seed: 7, "augmentation", 3, 18),
  ])
  func anyPartOfTheAddressMatters(_ stream: RandomStream) {
    var first = RandomStream(seed: 7, "augmentation", 3, 17)
    var second = stream
    let same = (0..<64).filter { _ in first.nextUInt32() == second.nextUInt32() }
    #expect(same.isEmpty)
  }

  @Test func uniformFillsTheUnitInterval() {
    var stream = RandomStream(seed: 1, "uniform")
    let numbers = (0..<20_000).map { _ in stream.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = numbers.reduce(0, +) / 20_000
    #expect(abs(mean - 0.5) < 0.01)
  }

  @Test func normalHasUnitVarianceAndNoSkew() {
    var stream = RandomStream(seed: 1, "normal")
    let numbers = (0..<40_000).map { _ in Double(stream.normal()) }
    let mean = numbers.reduce(0, +) / 40_000
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    let third = numbers.reduce(0) { $0 + $1 * $1 * $1 } / 40_000
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.03)
    #expect(abs(third) < 0.1)
  }

  @Test func permutationHoldsEveryNumberOnce() {
    var stream = RandomStream(seed: 1, "order")
    let order = stream.permutation(of: 1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
  }
}
