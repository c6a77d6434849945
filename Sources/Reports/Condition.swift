// SPDX-License-Identifier: Apache-2.0

import Settings
import Tables

/// What must hold for a row or a run: `learningRate<0.01`.
struct Condition: Sendable {
  enum Comparison: String, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case unequal = "!="
    case equal = "="
    case less = "<"
    case greater = ">"
  }

  /// What a column, a setting, `seed` or `folder` is called.
  let key: String
  let comparison: Comparison
  let value: String

  /// As it was said.
  var text: String { "\(key) \(comparison.rawValue) \(value)" }

  /// - Parameter source: the option, for the error.
  init(_ text: String, source: String) throws(ReportError) {
    let mark = text.firstIndex { "<>=!".contains($0) }
    let rest = mark.map { text[$0...] } ?? ""
    let found = Comparison.allCases.first { rest.hasPrefix($0.rawValue) }
    guard let mark, let comparison = found else {
      throw ReportError(
        "\(source) \"\(text)\" must be a comparison, such as learningRate=0.01, block!=regular-conv, "
          + "epochs<10 or test/top1>0.5")
    }
    func trimmed(_ text: Substring) -> String {
      String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    key = trimmed(text[..<mark])
    value = trimmed(rest.dropFirst(comparison.rawValue.count))
    self.comparison = comparison
    guard !key.isEmpty, !value.isEmpty else {
      throw ReportError("\(source) \"\(text)\" must have a name before and a value behind it")
    }
    let compares = comparison != .equal && comparison != .unequal
    guard !compares || Double(value)?.isFinite == true else {
      throw ReportError(
        "\(source) \"\(text)\": \"\(value)\" must be a number, as \(comparison.rawValue) compares "
          + "numbers")
    }
  }

  init(_ key: String, equals value: String) {
    (self.key, self.value, comparison) = (key, value, .equal)
  }

  /// Whether a value is what is asked for, or one of several with commas between. What is absent is
  /// equal to `none`, or `—`, alone.
  func holds(for json: JSON) -> Bool {
    let number = json.asNumber
    switch comparison {
    case .equal: return isEqual(json)
    case .unequal: return !isEqual(json)
    case .less: return number.map { $0 < limit } ?? false
    case .greater: return number.map { $0 > limit } ?? false
    case .atMost: return number.map { $0 <= limit } ?? false
    case .atLeast: return number.map { $0 >= limit } ?? false
    }
  }

  private var limit: Double { Double(value) ?? .nan }

  private func isEqual(_ json: JSON) -> Bool {
    ([value] + (value.contains(",") ? parts : [])).contains { value in
      if let number = json.asNumber { return number == Double(value) }
      return json.isCalled(value) || (json == .null && value == NumberText.absent)
    }
  }

  private var parts: [String] {
    value.split(separator: ",").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension Condition {
  /// The members that fulfil what is said of single runs: seed and folder.
  static func filter(
    _ members: [RunCollection.Member], by conditions: [Condition]
  ) throws(ReportError) -> [RunCollection.Member] {
    var members = members
    for condition in conditions where condition.isOfRuns {
      let kept = members.filter(condition.holds)
      guard !kept.isEmpty else {
        let values = members.flatMap { $0.values(of: condition.key) }
        throw condition.nothing(among: values)
      }
      members = kept
    }
    return members
  }

  /// The rows that fulfil the rest.
  ///
  /// - Parameter ofRuns: whether a condition on a metric or a time is one on every single run; none
  ///   on a metric holds for a run that failed.
  static func filter(
    _ points: [ResultPoint], by conditions: [Condition], metrics: [String], ofRuns: Bool = false
  ) throws(ReportError) -> [ResultPoint] {
    var points = points
    let list = ColumnList(points, metrics: metrics, comparison: nil)
    for condition in conditions where !condition.isOfRuns {
      let column = try list.column(condition.key)
      let value = ofRuns ? column.runValue : nil
      let kept = points.compactMap { point in
        guard let value else { return condition.holds(for: column.value(point)) ? point : nil }
        return point.keeping { run in
          if run.failure != nil, metrics.contains(column.key) { return false }
          return condition.holds(for: value(run))
        }
      }
      guard !kept.isEmpty else {
        let known = value.map { points.flatMap(\.runs).map($0) } ?? points.map(column.value)
        throw condition.nothing(among: known, unit: column.unitOfConditions)
      }
      points = kept
    }
    return points
  }

  private var isOfRuns: Bool { key == "seed" || key == "folder" }

  private func holds(for member: RunCollection.Member) -> Bool {
    let values = member.values(of: key)
    return comparison == .unequal
      ? values.allSatisfy(holds(for:)) : values.contains(where: holds(for:))
  }

  private func nothing(among values: [JSON], unit: String? = nil) -> ReportError {
    let known = Set(values).sorted { LabelOrder($0) < LabelOrder($1) }.map(\.settingText)
    let shown = known.prefix(12) + (known.count > 12 ? ["…"] : [])
    let nearest = Spelling.nearest(to: value, among: known)
    let hint = comparison == .equal ? nearest.map { " (did you mean \"\($0)\"?)" } : nil
    let counted = unit.map { " (\($0))" } ?? ""
    return ReportError(
      "nothing fulfils --where \"\(text)\"\(hint ?? ""); \(key) is here\(counted): "
        + NumberText.list(shown))
  }
}

extension RunCollection.Member {
  /// Of `seed` or `folder`.
  fileprivate func values(of key: String) -> [JSON] {
    key == "seed" ? [.integer(record.seed)] : folders.map(JSON.string)
  }
}
