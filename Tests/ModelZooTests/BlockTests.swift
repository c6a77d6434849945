import Engine
import ModelZoo
import TestSupport
import Testing

/// The rules that hold for every block of the zoo.
@Suite struct BlockTests {
  static let keys = BlockZoo.all.map { $0.key }

  @Test func theZooHoldsTheSevenBlocks() {
    #expect(
      Self.keys == [
        "regular-conv", "canonical-inception", "simplified-inception", "segmented-inception",
        "extreme-inception", "separable-conv", "xception-block",
      ])
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
    options.segments = 2
    options.segmentWidths = [4, 4]
    let error = #expect(throws: BlockError.self) { try SegmentedInception(options) }
    #expect(
      error?.description == "block segmented-inception: segmentWidths is [4, 4]; "
        + "it must not stand beside segments; give one of them")
  }

  @Test func segmentWidthsMustDivide() {
    var options = BlockOptions(filters: 12)
    options.segmentWidth = 5
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
      $0.segments = 4
      $0.unequal = true
    }
    #expect(parts.map(\.input) == [3, 3, 3, 2])
    #expect(try kernels { $0.segmentWidths = [3, 3, 3, 2] } == parts)
  }

  /// `between: none` is what a block without a between has, so a sweep over it may say so.
  @Test func nothingBetweenIsNoOption() throws {
    var options = BlockOptions(filters: 8)
    options.between = Between.none
    _ = try RegularConv(options)
    options.between = .relu
    let error = #expect(throws: BlockError.self) { try RegularConv(options) }
    #expect(
      error?.description
        == "block regular-conv: between is relu; it is no option of this block")
  }

  /// Eight middle-flow blocks in a row, as in Xception: no two may begin alike.
  @Test func middleFlowBlocksBeginDifferently() throws {
    let memory = try Networks.middleFlow(blocks: 8, seed: 3)
    #expect(memory.parameters.count { $0.path.hasSuffix("kernel") } == 8 * 3 * 2)
    #expect(InitializationCheck.repeated(memory) == [])
  }
}
