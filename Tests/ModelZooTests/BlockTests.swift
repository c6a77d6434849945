// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import TestSupport
import Testing

/// The rules that hold for every block of the zoo.
@Suite struct BlockTests {
  static let keys = BlockZoo.all.map { $0.key }

  /// Others may stand beside them.
  @Test func theZooHoldsThePapersSevenBlocks() {
    let paper = [
      "regular-conv", "canonical-inception", "simplified-inception", "segmented-inception",
      "extreme-inception", "separable-conv", "xception-block",
    ]
    #expect(Self.keys.filter(paper.contains) == paper)
    #expect(Set(Self.keys).count == Self.keys.count)
    #expect(BlockZoo.block("depthwise") == nil)
  }

  @Test(arguments: keys)
  func theBlockKeepsTheRules(_ key: String) throws {
    let type = try #require(BlockZoo.block(key))
    let findings = try checkBlock(type)
    #expect(findings == [])
  }

  @Test func blocksMatchTheirGoldenCosts() throws {
    var entries: [String: Golden.Entry] = [:]
    for type in BlockZoo.all {
      for variant in BlockCase.variants(of: type) {
        entries[variant.name] = Golden.Entry(try variant.plainGraph())
      }
    }
    let differences = try Golden.differences(entries, name: "blocks")
    #expect(differences == [])
  }

  // MARK: Rules of single blocks

  @Test func partitionsAreGivenInOneWay() {
    var options = BlockOptions(filters: 8)
    options[SegmentedInception.segments] = 2
    options[SegmentedInception.segmentWidths] = [4, 4]
    let error = #expect(throws: BlockError.self) { try SegmentedInception(options) }
    #expect(
      error?.description == "block segmented-inception: segmentWidths is [4,4]; "
        + "it must not stand beside segments; give one of them")
  }

  /// Beside the list of all widths `unequal` would say nothing.
  @Test func unequalDoesNotStandBesideAList() throws {
    let changes: [(any Block.Type, String, (inout BlockOptions) -> Void)] = [
      (
        SegmentedInception.self, "segmentWidths", { $0[SegmentedInception.segmentWidths] = [3, 5] }
      ),
      (SimplifiedInception.self, "towerWidths", { $0[SimplifiedInception.towerWidths] = [3, 5] }),
    ]
    for (type, field, change) in changes {
      var options = BlockOptions(filters: 8)
      change(&options)
      _ = try type.init(options)
      options[Partition.unequal] = true
      let error = #expect(throws: BlockError.self) { try type.init(options) }
      #expect(
        error?.description == "block \(type.key): unequal is true; it must not stand beside "
          + "\(field), which says how wide the parts are")
    }
  }

  @Test("unequal gives what a segment width leaves to a narrower last segment")
  func remainder() throws {
    for (filters, width, expected) in [(70, 32, [32, 32, 6]), (64, 32, [32, 32]), (5, 5, [5])] {
      var options = BlockOptions(filters: filters)
      (options[SegmentedInception.segmentWidth], options[Partition.unequal]) = (width, true)
      let block = try SegmentedInception(options)
      var graph = GraphBuilder("test", input: Shape(height: 4, width: 4, channels: 3))
      let output = block(graph.input, in: &graph)
      let spatial = try graph.finish(output).nodes.compactMap { $0.op as? Convolution }.last
      #expect(spatial?.segments.map(\.output) == expected)
    }
    var tooWide = BlockOptions(filters: 30)
    (tooWide[SegmentedInception.segmentWidth], tooWide[Partition.unequal]) = (32, true)
    let error = #expect(throws: BlockError.self) { try SegmentedInception(tooWide) }
    #expect(error?.rule == "must be at most the 30 filters")
  }

  /// What nobody asked for cannot be wrong: the default number of parts fits every width.
  @Test(arguments: [1, 2, 3, 8, 10, 64])
  func defaultPartsFitEveryWidth(_ filters: Int) throws {
    for (type, parts) in [
      (SimplifiedInception.self, 3), (SegmentedInception.self, 4),
    ] as [(any Block.Type, Int)] {
      let block = try type.init(BlockOptions(filters: filters))
      var graph = GraphBuilder("block", input: Shape(height: 4, width: 4, channels: 3))
      let output = block(graph.input, in: &graph)
      let widths = try graph.finish(output).nodes.filter { $0.name.hasSuffix("spatial") }
        .compactMap { $0.op as? Convolution }.flatMap(\.segments).map(\.output)
      #expect(widths.count == min(parts, filters))
      #expect(widths.reduce(0, +) == filters)
      #expect(try #require(widths.max()) - #require(widths.min()) <= 1)
    }
  }

  @Test(arguments: [
    (#"{"kind": "segmented-inception", "segments": 4}"#, 4),
    (#"{"kind": "segmented-inception", "segmentWidth": 2}"#, 6),
    (#"{"kind": "segmented-inception", "segmentWidths": [5, 4, 3]}"#, 3),
    (#"{"kind": "segmented-inception", "segments": 5, "unequal": true}"#, 5),
    (#"{"kind": "segmented-inception"}"#, 4), (#"{"kind": "regular-conv"}"#, nil),
    (#"{"kind": "extreme-inception"}"#, nil),
    (#"{"kind": "segmented-inception", "segments": 7}"#, nil),
  ])
  func segmentsAreThoseOfTheGraph(_ block: String, _ segments: Int?) throws {
    let network = try NetworkDescription(
      ["network": "probe", "width": 12, "block": JSON(text: block, source: "block")],
      source: "test")
    #expect(network.segments == segments)
  }

  @Test func segmentWidthsMustDivide() {
    var options = BlockOptions(filters: 12)
    options[SegmentedInception.segmentWidth] = 5
    let error = #expect(throws: BlockError.self) { try SegmentedInception(options) }
    #expect(
      error?.description == "block segmented-inception: segmentWidth is 5; "
        + "it must divide the 12 filters (1, 2, 3, 4, 6, 12)")
  }

  @Test func canonicalInceptionHasFourTowers() {
    let error = #expect(throws: BlockError.self) {
      try CanonicalInception(BlockOptions(filters: 10))
    }
    #expect(
      error?.description == "block canonical-inception: filters is 10; "
        + "it must be a multiple of its four towers")
  }

  /// Parts that differ by one channel, the wider ones first, are the same as their widths said.
  @Test func unequalPartsAreSegmentsOfTheirWidths() throws {
    func kernels(_ change: (inout BlockOptions) -> Void) throws -> [Convolution.Segment] {
      let variant = BlockCase(SegmentedInception.self, filters: 11, change)
      let spatial = try variant.plainGraph().nodes.last?.op as? Convolution
      return try #require(spatial).segments
    }
    let parts = try kernels {
      $0[SegmentedInception.segments] = 4
      $0[Partition.unequal] = true
    }
    #expect(parts.map(\.input) == [3, 3, 3, 2])
    #expect(try kernels { $0[SegmentedInception.segmentWidths] = [3, 3, 3, 2] } == parts)
  }

  /// `between: none` is what a block without a between has, so a sweep over it may say so.
  @Test func nothingBetweenIsNoOption() throws {
    var options = BlockOptions(filters: 8)
    options[Between.option] = Between.none
    _ = try RegularConv(options)
    options[Between.option] = .activation(.relu)
    let error = #expect(throws: BlockError.self) { try RegularConv(options) }
    #expect(
      error?.description
        == "block regular-conv: between is relu; it is no option of regular-conv")
  }

  /// Eight middle-flow blocks in a row, as in Xception: no two may begin alike.
  @Test func middleFlowBlocksBeginDifferently() throws {
    let memory = try Networks.middleFlow(blocks: 8, seed: 3)
    #expect(memory.parameters.count { $0.path.hasSuffix("kernel") } == 8 * 3 * 2)
    #expect(InitializationCheck.repeated(memory) == [])
  }
}
