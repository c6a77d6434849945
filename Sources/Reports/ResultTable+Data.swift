// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Tables

/// Tables for programs: full precision, accuracies as fractions, nothing rounded or escaped away.
extension ResultTable {
  /// CSV as RFC 4180 has it: one header line, commas, quotes where needed, empty where unknown.
  var csv: String {
    let fields = dataFields
    var table = TextTable(fields.map(\.key))
    table.rows = points.map { point in fields.map { Self.cell($0.value(point)) } }
    return table.rendered(as: .csv)
  }

  /// One object: the metrics, the notes, and the points, one a line, with all their settings.
  var json: String {
    let fields = dataFields
    let rows = points.map { point in
      var object = Dictionary(fields.map { ($0.key, $0.value(point)) }) { $1 }
      object["settings"] = .object(point.settings.values)
      object["values"] = .object(
        Dictionary(
          metrics.map { ($0, JSON.array(point.values(of: $0).map(JSON.known))) }
        ) { $1 })
      object["seeds"] = .array(point.finished.map { .integer($0.seed) })
      object["runs"] = .array(point.runs.map { .string($0.id) })
      return JSON.object(object).canonicalText
    }
    return """
      {"metrics":\(JSON.array(metrics.map { .string($0) }).canonicalText),
      "against":\((comparison.map { JSON.string($0.name) } ?? .null).canonicalText),
      "referenceFrom":\((comparison.map { JSON.string($0.isPlanned ? "experiment" : "against") } ?? .null).canonicalText),
      "notes":\(JSON.array(notes.map { .string($0) }).canonicalText),
      "points":[
      \(rows.joined(separator: ",\n"))
      ]}

      """
  }

  /// The columns with their details, each under its own name and once.
  private var dataFields: [Column.Detail] {
    var known: Set<String> = []
    return dataColumns.flatMap { column in
      [Column.Detail(key: column.key, value: column.value)] + column.more
    }.filter { known.insert($0.key).inserted }
  }

  static func cell(_ value: JSON) -> TextTable.Cell {
    switch value {
    case .null: .empty
    case .string(let text): .text(text)
    default: .written(value.canonicalText)
    }
  }
}
