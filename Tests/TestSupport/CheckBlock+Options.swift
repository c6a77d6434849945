// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

extension BlockCheck {
  // MARK: Options that are honoured

  /// Every accepted value changes cost or output: no two variants are the same block.
  func options() throws -> [String] {
    let variants = BlockCase.variants(of: type)
    var findings = type.options.filter { BlockCase.values(of: $0).isEmpty }
      .map { "no value of \($0.name) is tried" }
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
    let widths =
      options[SegmentedInception.segmentWidths] ?? options[SimplifiedInception.towerWidths]
    if let widths { return widths }
    if let width = options[SegmentedInception.segmentWidth] {
      return Array(repeating: width, count: options.filters / width)
    }
    let count = options[SegmentedInception.segments] ?? options[SimplifiedInception.towers]
    return count.map { count in
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
    var change: BlockCase.Change
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
    let kernelRule = "must lie between 1 and 31"
    return [
      BadOption(field: "filters", value: "0", rule: rule) { $0.filters = 0 },
      BadOption(field: "filters", value: "-8", rule: rule) { $0.filters = -8 },
      BadOption(field: "kernel", value: "0", rule: kernelRule) { $0.kernel = 0 },
      BadOption(field: "stride", value: "0", rule: rule) { $0.stride = 0 },
    ]
  }

  private var foreignOptions: [BadOption] {
    let own = type.options.map(\.name)
    let names = own.sorted().joined(separator: ", ")
    let rest = own.isEmpty ? "" : "; beside filters, kernel and stride it has: \(names)"
    var others: [any AnyOption] = []
    for option in BlockZoo.all.flatMap({ $0.options })
    where !(own + others.map(\.name)).contains(option.name) { others.append(option) }
    return others.flatMap { option in
      BlockCase.values(of: option).map { change in
        var options = BlockOptions(filters: 8)
        change(&options)
        return BadOption(
          field: option.name, value: options.said[option.name]?.plainText ?? "",
          rule: "is no option of \(type.key)" + rest, change: change)
      }
    }
  }

  private var badPartitions: [BadOption] {
    var bad: [BadOption] = []
    for option in [SegmentedInception.segments, SimplifiedInception.towers] where type.has(option) {
      bad += [3, 16].map { (value: Int) in
        BadOption(
          field: option.name, value: "\(value)", rule: "must divide the 8 filters (1, 2, 4, 8)"
        ) { $0[option] = value }
      }
      bad.append(
        BadOption(field: option.name, value: "9", rule: "must be at most the 8 filters") {
          $0[Partition.unequal] = true
          $0[option] = 9
        })
    }
    let lists = [SegmentedInception.segmentWidths, SimplifiedInception.towerWidths]
    for option in lists where type.has(option) {
      bad += [[3, 4], [8, 0], [-1, 9], []].map { widths in
        BadOption(
          field: option.name, value: "[\(widths.map(String.init).joined(separator: ","))]",
          rule: "must be positive widths that add up to the 8 filters"
        ) {
          $0[SimplifiedInception.towers] = nil
          $0[option] = widths
        }
      }
    }
    return bad
  }

  /// Numbers outside of what files may hold.
  private var badCounts: [BadOption] {
    let counts = [
      SegmentedInception.segments, SegmentedInception.segmentWidth, SimplifiedInception.towers,
      XceptionBlock.hiddenFilters,
    ].filter { type.has($0) }
    var bad = counts.flatMap { option in
      [0, -1].map { (value: Int) in
        BadOption(
          field: option.name, value: "\(value)", rule: "must lie between 1 and 65536"
        ) { $0[option] = value }
      }
    }
    for option in [SeparableConv.depthMultiplier, XceptionBlock.repetitions] where type.has(option)
    {
      bad += [0, -1, 65].map { value in
        BadOption(
          field: option.name, value: "\(value)", rule: "must lie between 1 and 64"
        ) { $0[option] = value }
      }
    }
    guard type.has(XceptionBlock.hiddenFilters) else { return bad }
    return bad + [
      BadOption(
        field: "hiddenFilters", value: "4",
        rule: "must be absent where nothing stands before the last repetition"
      ) { options in
        options[XceptionBlock.repetitions] = 1
        options[XceptionBlock.hiddenFilters] = 4
      }
    ]
  }
}
