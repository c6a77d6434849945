// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import ModelZoo
import Settings
import Testing

/// Widths found by a clock that the test winds up.
@Suite struct MeasuredMatchingTests {
  private static let input = Shape(height: 16, width: 16, channels: 8)

  private static func network(_ block: JSON, width: Int = 16) throws -> NetworkDescription {
    try NetworkDescription(
      ["network": "probe", "width": .integer(width), "block": block], source: "test")
  }

  private static func multiplyAdds(_ network: NetworkDescription) throws -> Double {
    Double(try network.graph(input: input, classes: 8).cost.multiplyAdds)
  }

  /// A fixed part and one for multiply-adds, dear for narrow ones: no straight line.
  private static func time(_ network: NetworkDescription) throws -> Double {
    let count = try multiplyAdds(network)
    let isSlow = network.settings["block.kind"] == "separable-conv"
    return 0.3 + count / 1e6 * (isSlow ? 3 : 1) + count.squareRoot() / 2e3
  }

  @Test(arguments: ["regular-conv", "separable-conv", "extreme-inception"])
  func noOtherWidthIsCloserToTheReference(_ kind: String) throws {
    let reference = try Self.network(["kind": "regular-conv"], width: 24)
    let aim = try Self.time(reference)
    var calls = 0
    let matching = MeasuredMatching(
      input: Self.input, classes: 8, hold: .segments, reference: reference
    ) { networks in
      calls += 1
      #expect(networks[0].settings == reference.settings)
      return try networks.map(Self.time)
    }
    let match = try matching.closest(Self.network(["kind": .string(kind)]))
    let width = try #require(match.width.integerValue)
    let distance = abs(try Self.time(match.network) - aim)
    for other in [width - 1, width + 1] where other > 0 {
      let network = try Self.network(["kind": .string(kind)], width: other)
      #expect(abs(try Self.time(network) - aim) >= distance, "\(width) or \(other)")
    }
    #expect(calls <= 10)
    if kind == "regular-conv" { #expect(width == 24) }
  }

  /// A number is met as well, and segments stay.
  @Test func aNumberIsATargetToo() throws {
    let matching = MeasuredMatching(
      input: Self.input, classes: 8, hold: .segments, reference: nil, target: 2
    ) { try $0.map(Self.time) }
    let match = try matching.closest(
      Self.network(["kind": "segmented-inception", "segments": 4]))
    #expect(match.network.segments == 4)
    #expect(abs(try Self.time(match.network) / 2 - 1) < 0.1)
  }

  /// A clock that errs by up to 2 per cent, and drifts for all networks of a round alike, misses by
  /// little more.
  @Test func aRestlessClockIsForgiven() throws {
    let reference = try Self.network(["kind": "regular-conv"], width: 48)
    let aim = try Self.time(reference)
    var round = 0
    let matching = MeasuredMatching(
      input: Self.input, classes: 8, hold: .segments, reference: reference
    ) { networks in
      round += 1
      let drift = 1 + 0.5 * Double(round % 3)
      return try networks.enumerated().map { index, network in
        drift * (1 + 0.02 * Double((round * 7 + index * 3) % 5 - 2) / 2) * (try Self.time(network))
      }
    }
    let match = try matching.closest(Self.network(["kind": "separable-conv"]))
    #expect(abs(try Self.time(match.network) / aim - 1) < 0.08)
  }

  @Test func whatHasNoWidthCannotBeMatched() throws {
    let matching = MeasuredMatching(
      input: Self.input, classes: 8, hold: .segmentWidth, reference: nil, target: 1
    ) { try $0.map(Self.time) }
    #expect(throws: BudgetMatching.Failure.self) {
      try matching.closest(Self.network(["kind": "canonical-inception"]))
    }
  }

  /// A run is what its file says; a clock cannot be part of it.
  @Test func anExperimentHasNoBudgetOfTime() throws {
    let message = try ExperimentText.message(overrides: [
      #"budget={"quantity": "milliseconds", "target": 5}"#
    ])
    #expect(
      message == "FILE: budget.quantity is \"milliseconds\"; it cannot be: what a run is must not "
        + "hang on a clock; `continuum match --quantity milliseconds` measures widths, and the file "
        + "then says them")
  }
}
