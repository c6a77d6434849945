// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// A sample of the damage leaves no kind of it out, and `all` leaves nothing out.
@Suite struct DamageSampleTests {
  private static let items = Array(0..<234)

  private static func drawn(_ seed: UInt64, _ name: String = "items") -> [Int] {
    DamageSample.drawn(seed: seed).of(items, name)
  }

  @Test func oneOfEveryTenInARowIsDrawn() {
    let drawn = Self.drawn(1)
    #expect(drawn.map { $0 / DamageSample.stride } == Array(0..<24))
    #expect(DamageSample.drawn(seed: 1).of([7], "items") == [7])
    #expect(DamageSample.drawn(seed: 1).of([Int](), "items") == [])
  }

  @Test func aSeedAndANameGiveTheSameSampleAgain() {
    #expect(Self.drawn(1) == Self.drawn(1))
    #expect(Self.drawn(1) != Self.drawn(2))
    #expect(Self.drawn(1) != Self.drawn(1, "others"))
  }

  @Test func everyItemIsInSomeSample() {
    #expect(Set((0..<200).flatMap { Self.drawn($0) }) == Set(Self.items))
  }

  @Test func allIsAll() {
    #expect(DamageSample.all.of(Self.items, "items") == Self.items)
  }

  @Test func whatIsAskedForIsAllOrASeed() {
    #expect(DamageSample(nil) == .drawn(seed: 1))
    #expect(DamageSample("23") == .drawn(seed: 23))
    #expect(DamageSample("all") == .all)
    #expect(["", "some", "-1", "1.5"].allSatisfy { DamageSample($0) == nil })
  }
}
