import Engine
import Settings

/// A block as a file names it: `{"kind": "segmented-inception", "segments": 4, "between": "relu"}`.
///
/// The network that uses it decides filters and stride.
public struct BlockDescription: Hashable, Sendable {
  public let kind: String
  /// Without filters and stride.
  public let options: BlockOptions

  /// - Throws: an unknown kind or field, with the nearest right spelling.
  public init(_ fields: Fields) throws(SettingsError) {
    var fields = fields
    let keys = BlockZoo.all.map { $0.key }
    guard let kind = try fields.string("kind", among: keys, "the block") else {
      throw fields.error("kind", "must name a block: \(keys.joined(separator: ", "))")
    }
    guard keys.contains(kind) else {
      throw fields.error(
        "kind", "must be one of: \(keys.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: kind, among: keys))
    }
    self.kind = kind
    options = try Self.options(&fields)
    // Read to be refused by the block, in its own words.
    for field in BlockOptions.Field.allCases
    where BlockZoo.block(kind)?.honours.contains(field) == false {
      fields.undeclare(field.rawValue)
      // That nothing stands between may be said of every block.
      if field == .between {
        _ = try fields.string(
          "between", among: [Between.none.rawValue], "the block has a single operation")
      }
    }
    try fields.finish()
  }

  private static func options(_ fields: inout Fields) throws(SettingsError) -> BlockOptions {
    var options = BlockOptions(filters: 1)
    let size = 1...65_536
    options.kernel = try fields.integer(
      "kernel", default: 3, in: 1...31, "side of the spatial window")
    options.segments = try fields.integer(
      "segments", in: size, "equal channel segments of the spatial convolution (4)")
    options.unequal =
      try fields.bool(
        "unequal", default: false,
        "whether parts may differ where they do not divide the filters: by one channel, or, of a "
          + "segmentWidth, the last one")
      ? true : nil
    options.segmentWidth = try fields.integer(
      "segmentWidth", in: size, "channels of each segment, instead of their number")
    options.segmentWidths = try fields.integers(
      "segmentWidths", in: size, "channels of every segment, in order, for unequal ones")
    options.towers = try fields.integer("towers", in: size, "equal towers (3)")
    options.towerWidths = try fields.integers(
      "towerWidths", in: size, "channels of every tower, in order")
    options.between = try fields.choice(
      "between", "what stands between the block's two operations (none)")
    options.depthMultiplier = try fields.integer(
      "depthMultiplier", in: 1...64, "depthwise kernels for each channel (1)")
    options.repetitions = try fields.integer(
      "repetitions", in: 1...64, "how often the unit stands inside the block (2)")
    options.hiddenFilters = try fields.integer(
      "hiddenFilters", in: size, "channels of all repetitions but the last (the filters)")
    options.leadingReLU =
      try fields.bool(
        "leadingReLU", default: true, "whether a ReLU stands before the first repetition")
      ? nil : false
    options.residual =
      try fields.bool("residual", default: true, "whether a shortcut leads around the block")
      ? nil : false
    return options
  }

  /// The block at a width and stride.
  ///
  /// - Throws: the option that the block cannot honour there.
  public func block(filters: Int, stride: Int = 1) throws(BlockError) -> any Block {
    guard let type = BlockZoo.block(kind) else {
      throw BlockError(block: kind, field: "kind", value: kind, rule: "must name a block")
    }
    var options = options
    options.filters = filters
    options.stride = stride
    return try type.init(options)
  }

  /// The channel segments of the block's spatial convolution at a width, as its graph has them; nil
  /// where the block has no such option or cannot honour the width.
  public func segments(filters: Int) -> Int? {
    guard let type = BlockZoo.block(kind), type.honours.contains(.segments),
      let block = try? block(filters: filters)
    else { return nil }
    var graph = GraphBuilder(kind, input: Shape(height: 1, width: 1, channels: filters))
    let output = block(graph.input, in: &graph)
    return (try? graph.finish(output))?.nodes.compactMap { ($0.op as? Convolution)?.segments.count }
      .max()
  }

  /// All that was said, as JSON; what was left to the block's default is absent.
  public var settings: JSON {
    var fields: [String: JSON] = ["kind": .string(kind), "kernel": .integer(options.kernel)]
    for field in BlockOptions.Field.allCases {
      switch field {
      case .segmentWidths: fields[field.rawValue] = options.segmentWidths.map(Self.list)
      case .towerWidths: fields[field.rawValue] = options.towerWidths.map(Self.list)
      case .unequal: fields[field.rawValue] = options.unequal.map(JSON.bool)
      case .leadingReLU: fields[field.rawValue] = options.leadingReLU.map(JSON.bool)
      case .residual: fields[field.rawValue] = options.residual.map(JSON.bool)
      case .between: fields[field.rawValue] = .string((options.between ?? .none).rawValue)
      default:
        fields[field.rawValue] = options.text(field).flatMap { Int($0) }.map(JSON.integer)
      }
    }
    return .object(fields)
  }

  private static func list(_ widths: [Int]) -> JSON { .array(widths.map(JSON.integer)) }
}
