import Foundation
import Records
import Settings

/// Tables for programs: full precision, accuracies as fractions, nothing rounded or escaped away.
extension ResultTable {
  /// CSV as RFC 4180 has it: one header line, commas, quotes where needed, empty where unknown.
  var csv: String {
    let names = ResultPoint.labelNames(of: points)
    let rows = points.map { point in fields(point, labels: names) }
    let header = (rows.first ?? []).map(\.name)
    let lines = [header] + rows.map { row in row.map { Self.csvText($0.value) } }
    return lines.map { $0.map(Self.csvQuoted).joined(separator: ",") + "\n" }.joined()
  }

  /// One object: the metric, the notes, and the points, one a line.
  var json: String {
    let rows = points.map { point in
      let labels = point.labels.map { ($0.name, JSON.string($0.value)) }
      var fields = Dictionary(
        self.fields(point, labels: []).map { ($0.name, $0.value) }
      ) { $1 }
      fields["labels"] = .object(Dictionary(labels) { $1 })
      fields["values"] = .array(point.values(of: metric).map(Self.number))
      fields["seeds"] = .array(point.finished.map { .integer($0.seed) })
      fields["commits"] = .array(Self.commits(point).map { .string($0) })
      return JSON.object(fields).canonicalText
    }
    return """
      {"metric":\(JSON.string(metric).canonicalText),
      "notes":\(JSON.array(notes.map { .string($0) }).canonicalText),
      "points":[
      \(rows.joined(separator: ",\n"))
      ]}

      """
  }

  private typealias Field = (name: String, value: JSON)

  private func fields(_ point: ResultPoint, labels: [String]) -> [Field] {
    var fields: [Field] = [("experiment", .string(point.experiment))]
    for name in labels { fields.append((name, .string(point.label(name) ?? ""))) }
    fields += costFields(point)
    fields += resultFields(point)
    let seeds = point.finished.map { "\($0.seed)" }.joined(separator: " ")
    fields.append(("seeds", .string(seeds)))
    fields.append(("commits", .string(Self.commits(point).joined(separator: " "))))
    return fields
  }

  private func costFields(_ point: ResultPoint) -> [Field] {
    let width: JSON? = point.width.map { text in Int(text).map { .integer($0) } ?? .string(text) }
    let quantity: JSON? = point.budget.map { .string($0.quantity) }
    let target: JSON? = point.budget.map { .integer($0.target) }
    return [
      ("width", width ?? .null),
      ("parameters", .integer(point.cost.trainableParameters)),
      ("nonTrainableParameters", .integer(point.cost.nonTrainableParameters)),
      ("multiplyAdds", .integer(point.cost.multiplyAdds)),
      ("budgetQuantity", quantity ?? .null),
      ("budgetTarget", target ?? .null),
      ("budgetMismatch", Self.number(point.budget?.mismatch)),
    ]
  }

  private func resultFields(_ point: ResultPoint) -> [Field] {
    let statistics = point.statistics(of: metric)
    return [
      ("n", .integer(statistics?.count ?? 0)),
      ("failed", .integer(point.failed.count)),
      ("metric", .string(metric)),
      ("mean", Self.number(statistics?.mean)),
      ("standardDeviation", Self.number(statistics?.deviation)),
      ("confidence95", Self.number(statistics?.confidence95)),
      ("bestPossibleAccuracy", Self.number(point.fact("bestPossibleAccuracy"))),
      ("bestPossibleAccuracyError", Self.number(point.fact("bestPossibleAccuracyError"))),
      ("millisecondsPerStep", Self.number(point.millisecondsPerStep)),
    ]
  }

  private static func commits(_ point: ResultPoint) -> [String] {
    Set(point.runs.map(\.provenance.commit)).sorted()
  }

  /// JSON has no number for what is not finite.
  private static func number(_ value: Double?) -> JSON {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }

  private static func csvText(_ value: JSON) -> String {
    switch value {
    case .null: ""
    case .string(let text): text
    default: value.canonicalText
    }
  }

  private static func csvQuoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
