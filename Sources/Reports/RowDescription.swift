import Records
import Settings
import Tables

/// Rows by what tells them apart: `segmented-inception,segments=4,learningRate=0.01`.
struct RowDescription: Sendable {
  /// In order, with a space behind every comma.
  let text: String
  private let conditions: [(path: String, condition: Condition)]

  init(_ text: String, _ points: [ResultPoint]) throws(ReportError) {
    let list = ColumnList(points, metrics: [], comparison: nil)
    var conditions: [(path: String, condition: Condition)] = []
    let parts = text.split(separator: ",").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    for part in parts where !part.isEmpty {
      guard part.contains(where: { "<>=!".contains($0) }) else {
        conditions.append(try Self.block(part, points))
        continue
      }
      let condition = try Condition(part, source: "--against")
      conditions.append((try list.path(condition.key), condition))
    }
    guard !conditions.isEmpty else {
      throw ReportError("--against must name rows, as in segmented-inception,segments=4")
    }
    self.text = parts.joined(separator: ", ")
    self.conditions = conditions
  }

  private static func block(
    _ name: String, _ points: [ResultPoint]
  ) throws(ReportError) -> (path: String, condition: Condition) {
    let blocks = Set(points.map(\.block)).sorted()
    guard blocks.contains(name) else {
      let hint = Spelling.nearest(to: name, among: blocks).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the block \"\(name)\"; known here: \(NumberText.list(blocks))\(hint ?? "")")
    }
    let isBlock = points.contains { $0.settings["network.block.kind"]?.settingText == name }
    return (
      isBlock ? "network.block.kind" : "network.network",
      try Condition("block=\(name)", source: "--against")
    )
  }

  func matches(_ point: ResultPoint) -> Bool {
    conditions.allSatisfy { $0.condition.holds(for: point.settings[$0.path] ?? .null) }
  }

  /// Whether a row may differ from its reference in a setting: it is named, or hangs on what is.
  func releases(_ path: String) -> Bool {
    conditions.contains { SettingNames.hangs(path, on: $0.path) }
  }
}

extension SettingNames {
  /// What tells a row from others, as `--against` takes it: `segmented-inception,segments=4`.
  func label(of point: ResultPoint, among points: [ResultPoint]) -> String {
    let own = SettingNames(points)
    let block = point.block.isEmpty ? [] : [point.block]
    let naming = ["network.block.kind", "network.network"]
    let others = own.varying.filter { !naming.contains($0) }.compactMap { path in
      point.settings[path].map { "\(own.name(of: path))=\($0.settingText)" }
    }
    return (block + others).joined(separator: ",")
  }
}
