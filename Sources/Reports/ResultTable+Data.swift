import Foundation
import Records
import Settings
import Tables

/// Tables for programs: full precision, accuracies as fractions, nothing rounded or escaped away.
extension ResultTable {
  /// CSV as RFC 4180 has it: one header line, commas, quotes where needed, empty where unknown.
  var csv: String {
    let names = ResultPoint.labelNames(of: points)
    let rows = points.map { point in fields(point, labels: names) }
    var table = TextTable((rows.first ?? []).map(\.name))
    table.rows = rows.map { row in row.map { Self.cell($0.value) } }
    return table.rendered(as: .csv)
  }

  /// One object: the metric, the notes, and the points, one a line.
  var json: String {
    let rows = points.map { point in
      let labels = point.labels.map { ($0.name, Self.value($0.value)) }
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
    ] + differenceFields(point) + [
      ("bestPossibleAccuracy", Self.number(point.fact("bestPossibleAccuracy"))),
      ("bestPossibleAccuracyError", Self.number(point.fact("bestPossibleAccuracyError"))),
      ("millisecondsPerStep", Self.number(point.millisecondsPerStep)),
    ]
  }

  /// What a comparison adds.
  private func differenceFields(_ point: ResultPoint) -> [Field] {
    guard let against else { return [] }
    let difference = difference(of: point)
    return [
      ("against", .string(against)), ("pairs", .integer(difference?.count ?? 0)),
      ("difference", Self.number(difference?.mean)),
      ("differenceConfidence95", Self.number(difference?.confidence95)),
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

  private static func cell(_ value: JSON) -> TextTable.Cell {
    switch value {
    case .null: .empty
    case .string(let text): .text(text)
    default: .written(value.canonicalText)
    }
  }

  /// A label's value: a number or a list where it is written as one.
  private static func value(_ text: String) -> JSON {
    guard let value = try? JSON(text: text, source: "label"), value.canonicalText == text else {
      return .string(text)
    }
    return value
  }
}
