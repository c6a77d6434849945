import Engine
import ExperimentRunner
import ModelZoo
import Settings
import Testing

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
        description, quantity: quantity, target: target, input: Self.input, classes: Self.classes)
      let best = try #require(
        counts.min { (abs($0.count - target), $0.width) < (abs($1.count - target), $1.width) })
      #expect(match.width == best.width, "target \(target)")
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
        network, quantity: .parameters, target: sum / 2, input: Self.input, classes: Self.classes)
      #expect(match.width == width)
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
        network, quantity: .parameters, target: target, input: Self.input, classes: Self.classes,
        hold: .segmentWidth)
      #expect(match.width.isMultiple(of: 6))
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
          network, quantity: .parameters, target: 3000, input: Self.input, classes: Self.classes,
          hold: hold)
      }
      #expect(matches[0].width == matches[1].width)
      #expect(matches[0].network.settings == matches[1].network.settings)
    }
  }

  @Test("a target beyond the widest network gives the widest")
  func beyondTheWidest() throws {
    let network = try NetworkDescription("probe", source: "test")
    let match = try BudgetMatching.closest(
      network, quantity: .parameters, target: .max, input: Self.input, classes: Self.classes)
    #expect(match.width == BudgetMatching.widths.upperBound)
  }

  @Test("what cannot be matched says why")
  func refusals() throws {
    let cases: [(JSON, Int, BudgetMatching.Hold, String)] = [
      (["network": "probe"], 0, .segments, "at least 1"),
      (["network": "xception"], 9, .segments, "no option width"),
      (["network": "vgg16"], 9, .segmentWidth, "no option width"),
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
        ["network": "probe", "block": ["kind": "regular-conv", "segments": 2]], 9, .segments,
        "no option of this block"
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
          network, quantity: .parameters, target: target, input: Self.input,
          classes: Self.classes, hold: hold)
      }
      #expect(failure?.description.contains(expected) == true, "\(failure?.description ?? "")")
    }
  }
}
