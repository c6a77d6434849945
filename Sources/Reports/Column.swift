// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Tables

/// One column of a table, declared once: for people, for programs, and for the conditions, choices
/// and orders that name it.
struct Column: Sendable {
  /// Its name in CSV and JSON, and on the command line.
  let key: String
  /// Its heading for people, with its unit.
  let title: String
  /// The path of the setting that it shows, or nil.
  var path: String?
  /// Whether tables for people, and those for programs, show it unless told otherwise.
  var isReadable = true
  var isData = true
  /// The key of the metric whose differences it shows, or nil.
  var minuend: String?
  /// What people are shown where there is no room for the title.
  var shortTitle: String?
  /// Whether, and the how-manieth, it goes where there is no room for all; nil: never.
  var spare: Spare?
  /// For programs: full precision.
  let value: @Sendable (ResultPoint) -> JSON
  /// For people; nil where it is the value as it stands.
  var cell: (@Sendable (ResultPoint) -> TextTable.Cell)?
  /// What a single run has, where it is no matter of the row alone.
  var runValue: (@Sendable (RunRecord) -> JSON)?
  /// What programs are told beside the value, by the names of their columns.
  var more: [Detail] = []

  /// The costs and extras that a table can do without, the first to go first. What came out, what
  /// it was compared with and what tells rows apart is never left out.
  enum Spare: Int, Sendable {
    case time, width, nonTrainableParameters, multiplyAdds, bestPossible, parameters, mismatch
    // The interval that holds for all at once says more.
    case adjustedP
  }

  struct Detail: Sendable {
    let key: String
    let value: @Sendable (ResultPoint) -> JSON
  }

  /// What conditions on a column count in that people see in per cent.
  var unitOfConditions: String? {
    title.hasSuffix("(%)") ? "as a fraction: 0.01 is 1 %" : nil
  }

  /// Whether the column is meant: its key, or its heading with or without the unit.
  func isNamed(_ name: String) -> Bool {
    name == key || name == title || name == title.components(separatedBy: " (")[0]
  }

  /// The column's cells: a dash leaves a column of words on the left.
  func cells(_ points: [ResultPoint]) -> [TextTable.Cell] {
    if let cell { return points.map(cell) }
    let values = points.map(value)
    let isNumeric = values.allSatisfy { $0 == .null || $0.asNumber != nil }
    return values.map { value in
      switch value {
      case .null: isNumeric ? .empty : .text(NumberText.absent)
      case .integer, .number: isNumeric ? .written(value.settingText) : .text(value.settingText)
      default: .text(value.settingText)
      }
    }
  }
}
