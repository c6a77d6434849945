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

  /// Bad options throw an error that names block, field, value and rule.
  func refusals() -> [String] {
    var findings: [String] = []
    func expect(
      _ field: String, _ value: String, _ rule: String, _ change: (inout BlockOptions) -> Void
    ) {
      let options = BlockCase(type, change).options
      let text = "block \(type.key): \(field) is \(value); it \(rule)"
      do {
        _ = try type.init(options)
        findings.append("\(field) \(value) is taken; it should be refused with \"\(text)\"")
      } catch {
        guard error.description != text else { return }
        findings.append("refused with \"\(error.description)\", not \"\(text)\"")
      }
    }
    expect("filters", "0", "must be at least 1") { $0.filters = 0 }
    expect("filters", "-8", "must be at least 1") { $0.filters = -8 }
    expect("kernel", "0", "must be at least 1") { $0.kernel = 0 }
    expect("stride", "0", "must be at least 1") { $0.stride = 0 }
    for field in BlockOptions.Field.allCases where !type.honours.contains(field) {
      for change in BlockCase.values(of: field) {
        var options = BlockOptions(filters: 8)
        change(&options)
        let own = type.honours.map(\.rawValue).sorted().joined(separator: ", ")
        let rest =
          own.isEmpty ? "" : "; beside filters, kernel and stride it has: \(own)"
        expect(
          field.rawValue, options.text(field) ?? "", "is no option of this block" + rest,
          { change(&$0) })
      }
    }
    for (field, name) in [(BlockOptions.Field.segments, "segments"), (.towers, "towers")]
    where type.honours.contains(field) {
      for value in [0, -1, 3, 16] {
        expect(name, "\(value)", "must divide the 8 filters (1, 2, 4, 8)") {
          if field == .segments { $0.segments = value } else { $0.towers = value }
        }
      }
      expect(name, "9", "must be at most the 8 filters") {
        $0.unequal = true
        if field == .segments { $0.segments = 9 } else { $0.towers = 9 }
      }
    }
    for widths in [[3, 4], [8, 0], [-1, 9], []] {
      let rule = "must be positive widths that add up to the 8 filters"
      if type.honours.contains(.segmentWidths) {
        expect("segmentWidths", "\(widths)", rule) { $0.segmentWidths = widths }
      }
      if type.honours.contains(.towerWidths) {
        expect("towerWidths", "\(widths)", rule) {
          $0.towers = nil
          $0.towerWidths = widths
        }
      }
    }
    for (field, least) in [(BlockOptions.Field.depthMultiplier, 0), (.repetitions, -1)]
    where type.honours.contains(field) {
      expect(field.rawValue, "\(least)", "must be at least 1") {
        if field == .repetitions { $0.repetitions = least } else { $0.depthMultiplier = least }
      }
    }
    return findings
  }
}
