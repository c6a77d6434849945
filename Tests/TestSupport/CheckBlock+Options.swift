import Engine
import ModelZoo

extension BlockCheck {
  // MARK: Options that are honoured

  /// Every accepted value changes cost or output: no two variants are the same block.
  func options() throws -> [String] {
    let variants = BlockCase.variants(of: type)
    var findings = type.honours.filter { BlockCase.values(of: $0).isEmpty }
      .map { "no value of \($0.rawValue) is tried" }
    var prints: [(name: String, print: Fingerprint)] = []
    for variant in variants {
      let print = try Fingerprint(variant)
      for other in prints where other.print == print {
        // The same partition said in another way is the same block.
        guard try !Self.sayTheSame(variant, named: other.name, among: variants) else { continue }
        findings.append("\(variant.name) is the same block as \(other.name)")
      }
      prints.append((variant.name, print))
    }
    return findings
  }

  /// What can be seen of a block: its ops and its output under weights that depend on paths alone.
  struct Fingerprint: Equatable {
    var layers: [LayerCost]
    var output: [Float]

    init(_ variant: BlockCase) throws {
      let step = try variant.step(.real)
      layers = step.graph.layers
      output = try step.fast().logits
    }
  }

  private static func sayTheSame(
    _ variant: BlockCase, named name: String, among variants: [BlockCase]
  ) throws -> Bool {
    guard let other = variants.first(where: { $0.name == name }) else { return false }
    let own = partition(variant.options)
    return own != nil && own == partition(other.options)
  }

  /// The widths of segments or towers, or nil where the options name none.
  private static func partition(_ options: BlockOptions) -> [Int]? {
    if let widths = options.segmentWidths ?? options.towerWidths { return widths }
    if let width = options.segmentWidth {
      return Array(repeating: width, count: options.filters / width)
    }
    return (options.segments ?? options.towers).map { count in
      let (width, wider) = options.filters.quotientAndRemainder(dividingBy: count)
      return (0..<count).map { $0 < wider ? width + 1 : width }
    }
  }

  // MARK: Options that are refused

  /// Options that no block of the type may take, and what the refusal must say of them.
  private struct BadOption {
    var field: String
    var value: String
    var rule: String
    var change: (inout BlockOptions) -> Void
  }

  /// Bad options throw an error that names block, field, value and rule.
  func refusals() -> [String] {
    let bad = badSizes + foreignOptions + badPartitions + badCounts
    return bad.compactMap { option in
      let options = BlockCase(type, option.change).options
      let text = "block \(type.key): \(option.field) is \(option.value); it \(option.rule)"
      do {
        _ = try type.init(options)
        return "\(option.field) \(option.value) is taken; it should be refused with \"\(text)\""
      } catch {
        guard "\(error)" != text else { return nil }
        return "refused with \"\(error)\", not \"\(text)\""
      }
    }
  }

  private var badSizes: [BadOption] {
    let rule = "must be at least 1"
    return [
      BadOption(field: "filters", value: "0", rule: rule) { $0.filters = 0 },
      BadOption(field: "filters", value: "-8", rule: rule) { $0.filters = -8 },
      BadOption(field: "kernel", value: "0", rule: rule) { $0.kernel = 0 },
      BadOption(field: "stride", value: "0", rule: rule) { $0.stride = 0 },
    ]
  }

  private var foreignOptions: [BadOption] {
    let own = type.honours.map(\.rawValue).sorted().joined(separator: ", ")
    let rest = own.isEmpty ? "" : "; beside filters, kernel and stride it has: \(own)"
    return BlockOptions.Field.allCases.filter { !type.honours.contains($0) }.flatMap { field in
      BlockCase.values(of: field).map { change in
        var options = BlockOptions(filters: 8)
        change(&options)
        return BadOption(
          field: field.rawValue, value: options.text(field) ?? "",
          rule: "is no option of this block" + rest, change: change)
      }
    }
  }

  private var badPartitions: [BadOption] {
    var bad: [BadOption] = []
    let counts: [(BlockOptions.Field, (inout BlockOptions, Int) -> Void)] = [
      (.segments, { $0.segments = $1 }), (.towers, { $0.towers = $1 }),
    ]
    for (field, set) in counts where type.honours.contains(field) {
      bad += [0, -1, 3, 16].map { value in
        BadOption(
          field: field.rawValue, value: "\(value)", rule: "must divide the 8 filters (1, 2, 4, 8)"
        ) { set(&$0, value) }
      }
      bad.append(
        BadOption(field: field.rawValue, value: "9", rule: "must be at most the 8 filters") {
          $0.unequal = true
          set(&$0, 9)
        })
    }
    let lists: [(BlockOptions.Field, (inout BlockOptions, [Int]) -> Void)] = [
      (.segmentWidths, { $0.segmentWidths = $1 }),
      (.towerWidths, { ($0.towers, $0.towerWidths) = (nil, $1) }),
    ]
    for (field, set) in lists where type.honours.contains(field) {
      bad += [[3, 4], [8, 0], [-1, 9], []].map { widths in
        BadOption(
          field: field.rawValue, value: "\(widths)",
          rule: "must be positive widths that add up to the 8 filters"
        ) { set(&$0, widths) }
      }
    }
    return bad
  }

  private var badCounts: [BadOption] {
    let rule = "must be at least 1"
    return [
      BadOption(field: "depthMultiplier", value: "0", rule: rule) { $0.depthMultiplier = 0 },
      BadOption(field: "repetitions", value: "-1", rule: rule) { $0.repetitions = -1 },
      BadOption(field: "hiddenFilters", value: "0", rule: rule) { $0.hiddenFilters = 0 },
      BadOption(
        field: "hiddenFilters", value: "4",
        rule: "must be absent where nothing stands before the last repetition"
      ) { ($0.repetitions, $0.hiddenFilters) = (1, 4) },
    ].filter { option in type.honours.contains { $0.rawValue == option.field } }
  }
}
