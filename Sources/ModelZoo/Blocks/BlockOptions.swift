/// What any block can be asked for. A field left nil takes the block's default; a field that a block
/// cannot honour is an error, never ignored.
public struct BlockOptions: Hashable, Sendable {
  /// Channels of the block's output.
  public var filters: Int
  /// The side of the spatial window.
  public var kernel = 3
  public var stride = 1
  /// The number of equal channel segments of the spatial convolution.
  public var segments: Int?
  /// Whether parts that do not divide the filters may differ, instead of being an error: a number of
  /// segments or towers is met by parts that differ by one channel, the wider ones first; a segment
  /// width by a narrower last segment.
  public var unequal: Bool?
  /// The channels of each equal segment, instead of their number.
  public var segmentWidth: Int?
  /// The channels of every segment, in order, for unequal ones.
  public var segmentWidths: [Int]?
  /// The number of equal towers.
  public var towers: Int?
  /// The channels of every tower, in order.
  public var towerWidths: [Int]?
  /// What stands between the two operations.
  public var between: Between?
  /// Depthwise kernels for each channel.
  public var depthMultiplier: Int?
  /// How often the block's unit stands inside it.
  public var repetitions: Int?
  /// Channels of all repetitions but the last.
  public var hiddenFilters: Int?
  /// Whether a ReLU stands before the first repetition.
  public var leadingReLU: Bool?
  /// Whether a shortcut leads around the block.
  public var residual: Bool?

  /// The optional fields, by their names in files.
  public enum Field: String, CaseIterable, Sendable {
    case segments, unequal, segmentWidth, segmentWidths, towers, towerWidths, between
    case depthMultiplier, repetitions, hiddenFilters, leadingReLU, residual
  }

  public init(filters: Int) {
    self.filters = filters
  }

  /// The value of an optional field as text, or nil where it is not set.
  public func text(_ field: Field) -> String? {
    switch field {
    case .segments: segments.map(String.init)
    case .unequal: unequal.map(String.init)
    case .segmentWidth: segmentWidth.map(String.init)
    case .segmentWidths: segmentWidths.map { "\($0)" }
    case .towers: towers.map(String.init)
    case .towerWidths: towerWidths.map { "\($0)" }
    case .between: between?.rawValue
    case .depthMultiplier: depthMultiplier.map(String.init)
    case .repetitions: repetitions.map(String.init)
    case .hiddenFilters: hiddenFilters.map(String.init)
    case .leadingReLU: leadingReLU.map(String.init)
    case .residual: residual.map(String.init)
    }
  }
}

// MARK: Rules that blocks share

extension BlockOptions {
  /// Checks what holds for every block: positive sizes, and no field that the block does not honour.
  func validate<B: Block>(for block: B.Type) throws(BlockError) {
    try Self.require(filters, atLeast: 1, "filters", of: block)
    try Self.require(kernel, atLeast: 1, "kernel", of: block)
    try Self.require(stride, atLeast: 1, "stride", of: block)
    for field in Field.allCases where !B.honours.contains(field) {
      guard let value = text(field), !(field == .between && between == Between.none) else {
        continue
      }
      let own = B.honours.map(\.rawValue).sorted().joined(separator: ", ")
      throw BlockError(
        block: B.key, field: field.rawValue, value: value,
        rule: "is no option of this block"
          + (own.isEmpty ? "" : "; beside filters, kernel and stride it has: \(own)"))
    }
    for (field, value) in [
      (Field.depthMultiplier, depthMultiplier), (.repetitions, repetitions),
      (.hiddenFilters, hiddenFilters),
    ] {
      try Self.require(value ?? 1, atLeast: 1, field.rawValue, of: block)
    }
  }

  /// Widths of consecutive parts of the filters, or of other channels, from at most one of: how many
  /// equal parts, how wide each equal part, or every width. Where nothing is said, as many as the
  /// block's default says, or as there are channels; these may differ by one channel, since nobody
  /// asked for equal ones.
  func partition<B: Block>(
    for block: B.Type, of channels: Channels? = nil, count: (Field, Int?), width: (Field, Int?),
    list: (Field, [Int]?), otherwise fallback: Int
  ) throws(BlockError) -> [Int] {
    let whole = channels ?? Channels(filters, "filters")
    let given = [
      count.1 == nil ? nil : count.0, width.1 == nil ? nil : width.0,
      list.1 == nil ? nil : list.0,
    ].compactMap { $0 }
    if given.count > 1 {
      throw BlockError(
        block: B.key, field: given[1].rawValue, value: text(given[1]) ?? "",
        rule: "must not stand beside \(given[0].rawValue); give one of them")
    }
    if unequal != nil, let given = given.first, given == list.0 {
      throw BlockError(
        block: B.key, field: Field.unequal.rawValue, value: text(.unequal) ?? "",
        rule: "must not stand beside \(given.rawValue), which says how wide the parts are")
    }
    if let widths = list.1 {
      return try partition(for: block, list.0, widths, of: whole)
    }
    if let partWidth = width.1 {
      return try partition(for: block, width.0, into: partWidth, of: whole)
    }
    let parts = count.1 ?? min(fallback, whole.count)
    let isPossible = parts >= 1 && parts <= whole.count
    let mayDiffer = unequal == true || count.1 == nil
    guard isPossible, mayDiffer || whole.count.isMultiple(of: parts) else {
      let rule = unequal == true ? "must be at most the \(whole)" : whole.divisorRule
      throw BlockError(block: B.key, field: count.0.rawValue, value: "\(parts)", rule: rule)
    }
    let (width, wider) = whole.count.quotientAndRemainder(dividingBy: parts)
    return (0..<parts).map { $0 < wider ? width + 1 : width }
  }

  /// Parts of one width, and, where `unequal` allows it, what is left in a narrower last one.
  private func partition<B: Block>(
    for block: B.Type, _ field: Field, into partWidth: Int, of whole: Channels
  ) throws(BlockError) -> [Int] {
    func error(_ rule: String) -> BlockError {
      BlockError(block: B.key, field: field.rawValue, value: "\(partWidth)", rule: rule)
    }
    guard partWidth >= 1 else { throw error(whole.divisorRule) }
    let (parts, rest) = whole.count.quotientAndRemainder(dividingBy: partWidth)
    guard rest == 0 || unequal == true else { throw error(whole.divisorRule) }
    guard parts >= 1 else { throw error("must be at most the \(whole)") }
    return Array(repeating: partWidth, count: parts) + (rest == 0 ? [] : [rest])
  }

  private func partition<B: Block>(
    for block: B.Type, _ field: Field, _ widths: [Int], of whole: Channels
  ) throws(BlockError) -> [Int] {
    guard widths.allSatisfy({ $0 >= 1 }), widths.reduce(0, +) == whole.count else {
      throw BlockError(
        block: B.key, field: field.rawValue, value: "\(widths)",
        rule: "must be positive widths that add up to the \(whole)")
    }
    return widths
  }

  /// What is cut into parts: `64 filters`, `32 input channels`.
  struct Channels: CustomStringConvertible {
    let count: Int
    let name: String

    init(_ count: Int, _ name: String) {
      (self.count, self.name) = (count, name)
    }

    var description: String { "\(count) \(name)" }

    var divisorRule: String {
      let divisors = (1...min(count, 4096)).filter { count.isMultiple(of: $0) }
      let shown = divisors.prefix(12).map(String.init).joined(separator: ", ")
      return "must divide the \(self) (\(shown)\(divisors.count > 12 ? ", …" : ""))"
    }
  }

  private static func require<B: Block>(
    _ value: Int, atLeast least: Int, _ field: String, of block: B.Type
  ) throws(BlockError) {
    guard value >= least else {
      throw BlockError(
        block: B.key, field: field, value: "\(value)", rule: "must be at least \(least)")
    }
  }
}
