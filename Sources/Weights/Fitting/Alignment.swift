// SPDX-License-Identifier: Apache-2.0

/// Two lists of layers side by side, in the order of the second: layer by layer, array by array.
struct Alignment {
  /// One array of each side; nil where that side has none in this place.
  struct Row {
    var first: (layer: String, array: ListedLayer.Array)?
    var second: (layer: String, array: ListedLayer.Array)?
  }

  private(set) var rows: [Row] = []
  /// Whether what our own files call an array has to agree, and not its shape alone.
  private let namesCount: Bool

  /// - Parameters:
  ///   - byKey: whether to find the first side's layers by class and counter instead of taking them
  ///     in their order; what is left over comes last.
  ///   - namesCount: whether rows of different names differ.
  init(
    _ first: [ListedLayer], _ second: [ListedLayer], byKey: Bool = false, namesCount: Bool = false
  ) {
    self.namesCount = namesCount
    var partners: [ListedLayer?] = first
    var surplus: [ListedLayer] = []
    if byKey {
      var rest = Dictionary(first.map { ($0.key ?? $0.name, $0) }) { $1 }
      partners = second.map { rest.removeValue(forKey: $0.key ?? $0.name) }
      surplus = first.filter { rest[$0.key ?? $0.name] != nil }
    }
    for position in 0..<max(partners.count, second.count) {
      append(
        position < partners.count ? partners[position] : nil,
        position < second.count ? second[position] : nil)
    }
    for layer in surplus { append(layer, nil) }
  }

  private mutating func append(_ first: ListedLayer?, _ second: ListedLayer?) {
    for position in 0..<max(first?.arrays.count ?? 0, second?.arrays.count ?? 0) {
      func entry(_ layer: ListedLayer?) -> (layer: String, array: ListedLayer.Array)? {
        guard let layer, position < layer.arrays.count else { return nil }
        return (layer.name, layer.arrays[position])
      }
      rows.append(Row(first: entry(first), second: entry(second)))
    }
  }

  /// The first row whose sides do not agree, or nil.
  var divergence: Int? { rows.firstIndex { !agrees($0) } }

  private func agrees(_ row: Row) -> Bool {
    guard let first = row.first, let second = row.second else { return false }
    if namesCount, (first.layer, first.array.name) != (second.layer, second.array.name) {
      return false
    }
    // A role that a name gives away may contradict the order; a name alone never decides.
    if let one = first.array.role, let other = second.array.role, one != other { return false }
    return first.array.shape == second.array.shape
  }
}

// MARK: For people

extension Alignment {
  /// The rows around the first divergence in aligned columns, the row itself marked; the first rows
  /// where there is none.
  func table(firstTitle: String, secondTitle: String, around reach: Int = 3) -> String {
    let middle = divergence ?? reach
    let shown = max(0, middle - reach)..<min(rows.count, middle + reach + 1)
    var lines = [["", "#"] + [firstTitle, "", ""] + [secondTitle, "", ""]]
    for position in shown {
      let mark = position == divergence ? "→" : ""
      lines.append(
        [mark, "\(position + 1)"] + Self.cells(rows[position].first)
          + Self.cells(rows[position].second))
    }
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let text = lines.map { line in
      line.indices.map { line[$0] + String(repeating: " ", count: widths[$0] - line[$0].count) }
        .joined(separator: "  ")
    }
    return text.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
      .joined(separator: "\n")
  }

  private static func cells(_ entry: (layer: String, array: ListedLayer.Array)?) -> [String] {
    guard let entry else { return ["—", "", ""] }
    return [
      printable(entry.layer), printable(entry.array.name), entry.array.shape.shapeText,
    ]
  }
}

extension [Int] {
  /// `3×3×64×128`; a scalar is `scalar`.
  public var shapeText: String { isEmpty ? "scalar" : map(String.init).joined(separator: "×") }
}

/// A name from a file as it may be shown on a terminal: no controls, no invisible signs, not long.
public func printable(_ name: String) -> String {
  let shown = name.unicodeScalars.prefix(80).map { scalar -> Character in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      "\u{FFFD}"
    default: Character(scalar)
    }
  }
  return String(shown) + (name.unicodeScalars.count > 80 ? "…" : "")
}
