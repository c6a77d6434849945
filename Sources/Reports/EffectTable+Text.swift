// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Statistics
import Tables

/// The forms of effects.
public enum EffectFormat: String, CaseIterable, Sendable {
  case markdown, csv, latex, json
}

extension EffectTable {
  public func rendered(as format: EffectFormat) -> String {
    switch format {
    case .markdown:
      ([readable.rendered(as: .markdown)] + (flips.isEmpty ? [] : [turns.rendered(as: .markdown)])
        + notes.map { Markdown.escaped(PrintableText.oneLine($0)) + "\n" })
        .joined(separator: "\n")
    case .csv: data.rendered(as: .csv)
    case .latex:
      LaTeXTable(readable, caption: notes[0], label: "effects", notes: Array(notes.dropFirst()))
        .source
        + (flips.isEmpty
          ? ""
          : LaTeXTable(
            turns, caption: "Where effects change their sign.", label: "flips", notes: []
          )
          .source)
    case .json: json
    }
  }

  private var title: String {
    let per = unit.isEmpty ? "difference of differences" : "for \(unit)"
    return "\(metric.name), \(per)\(metric.isFraction ? " (points)" : "")"
  }

  /// Of all numbers of the table together.
  private func adjusted(_ p: Double?) -> Double? { p.map { min(1, $0 * Double(effects.count)) } }

  private func decimals(_ value: Double) -> Int {
    metric.isFraction ? 3 : NumberText.decimals(for: value)
  }

  private var readable: TextTable {
    var table = TextTable(["effect", "rows", "n", title, "p", "adjusted p"])
    table.rows = effects.map { effect in
      let value = effect.estimate.value * metric.scale
      let half = PairedDifference.half(effect.estimate.interval()).map { $0 * metric.scale }
      func cell(_ p: Double?) -> TextTable.Cell {
        p.map { .written(ColumnList.text(p: $0)) } ?? .empty
      }
      return [
        .text(effect.name), .integer(effect.rows), .integer(effect.seeds),
        .written(
          NumberText.interval(value, half, decimals: decimals(value), signed: true)),
        cell(effect.estimate.pValue), cell(adjusted(effect.estimate.pValue)),
      ]
    }
    return table
  }

  private var turns: TextTable {
    var table = TextTable(["where", "at", "95 % interval", "tried"])
    table.rows = flips.map { flip in
      [
        .text(flip.name), flip.point.position.map { .written(flip.text($0)) } ?? .empty,
        .text(flip.interval),
        .text("\(flip.text(flip.tried.lowerBound)) to \(flip.text(flip.tried.upperBound))"),
      ]
    }
    return table
  }

  private var data: TextTable {
    var table = TextTable([
      "kind", "effect", "rows", "n", "value", "low", "high", "degrees", "p", "adjustedP", "over",
    ])
    table.rows = rows.map { row in row.map { ResultTable.cell($0.value) } }
    return table
  }

  /// Keys and values of every effect, then of every flip.
  private var rows: [[(key: String, value: JSON)]] {
    let found: [[(key: String, value: JSON)]] = effects.map { effect in
      let interval = effect.estimate.interval()
      return [
        ("kind", "effect"), ("effect", .string(effect.name)), ("rows", .integer(effect.rows)),
        ("n", .integer(effect.seeds)), ("value", .known(effect.estimate.value)),
        ("low", .known(interval?.lowerBound)), ("high", .known(interval?.upperBound)),
        ("degrees", .known(effect.estimate.degrees)), ("p", .known(effect.estimate.pValue)),
        ("adjustedP", .known(adjusted(effect.estimate.pValue))),
        ("over", .string(effect.absence == nil ? "seeds and images" : "seeds")),
      ]
    }
    return found
      + flips.map { flip in
        let bounds: (JSON, JSON, JSON) =
          switch flip.point.interval {
          case .bounded(let range)?:
            ("flip", .known(flip.real(range.lowerBound)), .known(flip.real(range.upperBound)))
          case .outside(let range)?:
            (
              "flip outside", .known(flip.real(range.lowerBound)),
              .known(flip.real(range.upperBound))
            )
          case .everywhere?: ("flip anywhere", .null, .null)
          case nil: ("flip", .null, .null)
          }
        return [
          ("kind", bounds.0), ("effect", .string(flip.name)), ("rows", .null), ("n", .null),
          ("value", .known(flip.point.position.map(flip.real))), ("low", bounds.1),
          ("high", bounds.2), ("degrees", .null), ("p", .null), ("adjustedP", .null),
          ("over", .string(flip.absence == nil ? "seeds and images" : "seeds")),
        ]
      }
  }

  private var json: String {
    let objects = rows.map { row in
      JSON.object(Dictionary(row.map { ($0.key, $0.value) }) { $1 }).canonicalText
    }
    return """
      {"metric":\(JSON.string(metric.key).canonicalText),
      "unit":\(JSON.string(unit).canonicalText),
      "notes":\(JSON.array(notes.map { .string($0) }).canonicalText),
      "effects":[
      \(objects.joined(separator: ",\n"))
      ]}

      """
  }

  /// One sentence or more a line, without markup.
  var notes: [String] {
    let absences = Set(effects.compactMap(\.absence) + flips.compactMap(\.absence))
      .map(\.words).sorted()
    var notes = [
      "Value ± 95 % confidence interval over seeds and test images (two-way random effects), each for "
        + "one number alone; the adjusted p is for all \(effects.count) of the table (Bonferroni)."
    ]
    if effects.contains(where: { $0.seeds == 1 }) {
      notes.append("One seed says nothing of the spread between seeds: there is no interval.")
    }
    if !absences.isEmpty {
      notes.append(
        "Over seeds alone (\(absences.joined(separator: "; "))): "
          + (effects + []).filter { $0.absence != nil }.map(\.name).joined(separator: "; ")
          + flips.filter { $0.absence != nil }.map(\.name).joined(separator: "; ") + ".")
    }
    if !flips.isEmpty {
      notes.append(
        "Where an effect changes its sign: Fieller's interval, of straight lines; what lies outside "
          + "of what was tried is an extrapolation.")
    }
    if case .slope("segmentWidth") = question {
      notes.append(
        "The segment width is the channels of a segment, in the first stage where stages differ; "
          + "extreme and, spatial first, separable blocks have segments of 1.")
    }
    if !leftOut.isEmpty {
      notes.append(
        "Left out, for want of the others' seeds or rows: \(leftOut.joined(separator: "; ")).")
    }
    return notes
  }
}

extension EffectTable.Flip {
  /// A position as it was set.
  func real(_ position: Double) -> Double { isOfDoublings ? exp2(position) : position }

  func text(_ position: Double) -> String {
    let value = real(position)
    guard value.isFinite, value < 1e6 else { return "∞" }
    return NumberText.fixed(value, decimals: min(3, NumberText.decimals(for: value)))
  }

  var interval: String {
    switch point.interval {
    case .bounded(let range)?: "\(text(range.lowerBound)) to \(text(range.upperBound))"
    case .outside(let range)?:
      "below \(text(range.lowerBound)) or above \(text(range.upperBound))"
    case .everywhere?: "anywhere"
    case nil: NumberText.absent
    }
  }
}
