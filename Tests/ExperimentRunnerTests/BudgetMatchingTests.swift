// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Testing

@testable import ExperimentRunner

@Suite("Budget matching")
struct BudgetMatchingTests {
  private static let input = Shape(height: 9, width: 7, channels: 3)
  private static let classes = 5
  /// Wide enough that every target below is passed.
  private static let tried = 1...160

  static let networks: [JSON] = [
    ["network": "probe", "block": ["kind": "regular-conv"]],
    ["network": "probe", "block": ["kind": "segmented-inception", "segments": 6]],
    ["network": "probe", "block": ["kind": "segmented-inception", "segmentWidth": 5]],
    ["network": "probe", "block": ["kind": "simplified-inception", "towers": 3]],
    ["network": "probe", "block": ["kind": "canonical-inception", "between": "bn-relu"]],
    ["network": "stack", "stages": 2, "unitsPerStage": 1, "block": ["kind": "extreme-inception"]],
    [
      "network": "stack", "stages": 2, "unitsPerStage": 1,
      "block": ["kind": "segmented-inception", "segments": 4],
    ],
  ]

  @Test(
    "the width is the one that an exhaustive search finds, also for ties and ends",
    arguments: networks, BudgetMatching.Quantity.allCases)
  func asExhaustive(network: JSON, quantity: BudgetMatching.Quantity) throws {
    let description = try NetworkDescription(network, source: "test")
    var counts: [(width: Int, count: Int)] = []
    for width in Self.tried {
      let candidate = try description.setting("width", to: .integer(width))
      guard let graph = try? candidate.graph(input: Self.input, classes: Self.classes) else {
        continue
      }
      counts.append((width, quantity.count(graph.cost)))
    }
    try #require(counts.count >= 20)
    for target in targets(counts.map(\.count)) {
      let match = try BudgetMatching.closest(
        description, BudgetMatching.Budget(quantity, target: target), input: Self.input,
        classes: Self.classes)
      let best = try #require(
        counts.min { (abs($0.count - target), $0.width) < (abs($1.count - target), $1.width) })
      #expect(match.width == .integer(best.width), "target \(target)")
      #expect(match.count == best.count)
      #expect(match.network.settings["width"] == .integer(best.width))
      #expect(abs(match.mismatch - (Double(best.count) / Double(target) - 1)) < 1e-12)
    }
  }

  /// Below the least, every count, next to it, and half-way between neighbours.
  private func targets(_ counts: [Int]) -> Set<Int> {
    var targets: Set = [1]
    for (low, high) in zip(counts, counts.dropFirst()).prefix(18) {
      targets.formUnion([low, low + 1, (low + high) / 2, (low + high + 1) / 2, high - 1])
    }
    return targets
  }

  @Test("ties occur, and the narrower width wins them")
  func ties() throws {
    let network = try NetworkDescription("probe", source: "test")
    func count(_ width: Int) throws -> Int {
      let graph = try network.setting("width", to: .integer(width))
        .graph(input: Self.input, classes: Self.classes)
      return BudgetMatching.Quantity.parameters.count(graph.cost)
    }
    var found = 0
    for width in 1..<40 {
      let sum = try count(width) + count(width + 1)
      guard sum.isMultiple(of: 2) else { continue }
      let match = try BudgetMatching.closest(
        network, BudgetMatching.Budget(.parameters, target: sum / 2), input: Self.input,
        classes: Self.classes)
      #expect(match.width == .integer(width))
      found += 1
    }
    #expect(found > 0)
  }

  @Test("a held segment width keeps the channels of a segment")
  func heldSegmentWidth() throws {
    let network = try NetworkDescription(
      [
        "network": "stack", "width": 24,
        "block": ["kind": "segmented-inception", "segments": 4],
      ], source: "test")
    for target in [30_000, 100_000, 1_000_000] {
      let match = try BudgetMatching.closest(
        network, BudgetMatching.Budget(.parameters, target: target, hold: .segmentWidth),
        input: Self.input, classes: Self.classes)
      #expect(try #require(match.width.integerValue).isMultiple(of: 6))
      #expect(match.network.settings["block.segmentWidth"] == 6)
      #expect(match.network.settings["block.segments"] == nil)
      #expect(abs(match.mismatch) < 0.5)
    }
  }

  @Test("the ends of the spectrum have no segments to hold and are matched as they are")
  func endsHoldNothing() throws {
    for kind in ["regular-conv", "extreme-inception", "separable-conv"] {
      let network = try NetworkDescription(
        ["network": "probe", "block": ["kind": .string(kind)]], source: "test")
      let matches = try BudgetMatching.Hold.allCases.map { hold in
        try BudgetMatching.closest(
          network, BudgetMatching.Budget(.parameters, target: 3000, hold: hold), input: Self.input,
          classes: Self.classes)
      }
      #expect(matches[0].width == matches[1].width)
      #expect(matches[0].network.settings == matches[1].network.settings)
    }
  }

  @Test("points that miss their budget by more than a quarter are told, the first three by name")
  func farFromTheBudget() throws {
    func notes(_ overrides: String...) throws -> [String] {
      try ExperimentText.experiment(
        overrides: ["network.width=null", "seeds=2"] + overrides
      ).plan().notes
    }
    // The narrowest probe has 24 parameters.
    #expect(
      try notes(#"budget={"target": 15}"#) == [
        "1 point misses the budget by more than 25 %: separable-conv, between none, "
          + "width 1 (+60.00 %). budget.within=0.25 would refuse it"
      ])
    let several = try notes(
      #"budget={"target": 15}"#, "vary.network.block.kernel=[3, 5, 7, 9]",
      "vary.data.lambda=[0, 1]")
    #expect(several.count == 1)
    #expect(several.first?.hasPrefix("8 points miss the budget by more than 25 %: ") == true)
    #expect(several.first?.contains("; 5 more. budget.within=0.25 would refuse them") == true)
    #expect(several.first?.count { $0 == "+" } == 3, "\(several)")
    #expect(try notes(#"budget={"target": 400}"#).isEmpty)
    #expect(try notes(#"budget={"target": 15, "within": 1}"#).isEmpty)
  }

  @Test("a target beyond the widest network gives the widest")
  func beyondTheWidest() throws {
    let network = try NetworkDescription("probe", source: "test")
    let match = try BudgetMatching.closest(
      network, BudgetMatching.Budget(.parameters, target: .max), input: Self.input,
      classes: Self.classes)
    #expect(match.width == 8192)
    #expect(match.isWidest)
  }

  @Test("what cannot be matched says why")
  func refusals() throws {
    let cases: [(JSON, Int, BudgetMatching.Hold, String)] = [
      (["network": "probe"], 0, .segments, "at least 1"),
      (["network": "vgg16"], 9, .segmentWidth, "the network vgg16 has no block"),
      (
        ["network": "probe", "block": ["kind": "canonical-inception"]], 9, .segmentWidth,
        "segmentWidth; canonical-inception of probe has neither"
      ),
      (
        [
          "network": "probe",
          "block": ["kind": "segmented-inception", "segments": 3, "unequal": true],
        ], 9, .segmentWidth, "segments that divide its width"
      ),
      (
        ["network": "stack", "block": ["kind": "simplified-inception", "towerWidths": [2, 3]]], 9,
        .segments, "no width from 1 to 8192"
      ),
    ]
    for (json, target, hold, expected) in cases {
      let network = try NetworkDescription(json, source: "test")
      let failure = #expect(throws: BudgetMatching.Failure.self) {
        try BudgetMatching.closest(
          network, BudgetMatching.Budget(.parameters, target: target, hold: hold),
          input: Self.input, classes: Self.classes)
      }
      #expect(failure?.description.contains(expected) == true, "\(failure?.description ?? "")")
    }
  }

  /// The three blocks of the continuum's ends and middle, each at several budgets.
  static let blocks: [JSON] = [
    ["kind": "regular-conv"], ["kind": "segmented-inception", "segments": 1],
    ["kind": "segmented-inception", "segmentWidth": 8, "unequal": true],
    ["kind": "segmented-inception", "segmentWidth": 2, "unequal": true],
    ["kind": "segmented-separable", "segmentWidth": 16, "unequal": true, "between": "bn-relu"],
    ["kind": "separable-conv"],
  ]

  @Test(
    "a mismatch that is too large is met by the widths of single stages", arguments: blocks,
    [78_000, 308_650])
  func within(block: JSON, target: Int) throws {
    let network = try NetworkDescription(
      ["network": "stack", "stemStride": 2, "block": block], source: "test")
    let input = Shape(height: 32, width: 32, channels: 3)
    let match = try BudgetMatching.closest(
      network, BudgetMatching.Budget(.parameters, target: target, within: 0.005), input: input,
      classes: 10)
    #expect(abs(match.mismatch) <= 0.005)
    let graph = try match.network.graph(input: input, classes: 10)
    #expect(match.count == graph.cost.trainableParameters)
    // Stages still double, but for a quarter at most.
    let widths = match.network.partWidths
    for (stage, width) in widths.enumerated() {
      let doubled = Double(widths[0] << stage)
      #expect(abs(Double(width) - doubled) <= doubled / 3, "\(widths)")
    }
  }

  @Test("the search tries every combination of its widths and takes the closest")
  func combinations() throws {
    #expect(StageWidthSearch.choices(around: 5, by: 1) == [4, 5, 6])
    #expect(StageWidthSearch.choices(around: 20, by: 4) == [16, 18, 20, 22, 24])
    #expect(StageWidthSearch.choices(around: 2, by: 3) == [2, 4, 5])
    #expect(
      StageWidthSearch.combinations([[1], [2, 3], [4, 5]]) == [
        [1, 2, 4], [1, 2, 5], [1, 3, 4], [1, 3, 5],
      ])
    // 18 times 18 is 324; a stem of 17 and a block of 19 make 323, which no width of both does.
    let network = try NetworkDescription(
      ["network": "probe", "block": ["kind": "regular-conv"]], source: "test")
    let wanted = try network.setting(partWidths: [17, 19]).graph(
      input: Self.input, classes: Self.classes)
    let target = wanted.cost.trainableParameters
    let match = try BudgetMatching.closest(
      network, BudgetMatching.Budget(.parameters, target: target, within: 0.0001),
      input: Self.input, classes: Self.classes)
    #expect(match.count == target)
    #expect(match.network.partWidths == [17, 19])
  }

  @Test("what cannot be brought within the limit is an error that says how close it comes")
  func tooCoarse() throws {
    let network = try NetworkDescription(
      ["network": "stack", "block": ["kind": "segmented-inception", "segmentWidth": 32]],
      source: "test")
    let failure = #expect(throws: BudgetMatching.Failure.self) {
      try BudgetMatching.closest(
        network, BudgetMatching.Budget(.parameters, target: 308_650, within: 0.001),
        input: Self.input, classes: Self.classes)
    }
    let text = failure?.description ?? ""
    #expect(text.contains("misses the target by"), "\(text)")
    #expect(text.contains("within allows 0.1 %"), "\(text)")
  }

  @Test(
    "networks without a width are matched by their widthMultiplier",
    arguments: [
      "xception", "inception-v3", "vgg16", "resnet152",
    ])
  func widthMultiplier(name: String) throws {
    let network = try NetworkDescription(
      ["network": .string(name), "small": true], source: "test")
    let input = Shape(height: 32, width: 32, channels: 3)
    let match = try BudgetMatching.closest(
      network, BudgetMatching.Budget(.parameters, target: 1_000_000), input: input, classes: 10)
    #expect(match.axis == .widthMultiplier)
    #expect(abs(match.mismatch) < 0.005)
    #expect(match.network.settings["widthMultiplier"] == match.width)
  }
}
