// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tables

/// A metric's name, unit and scale.
struct Metric: Sendable {
  let key: String

  /// Accuracies are stored as fractions and shown in per cent.
  var isFraction: Bool {
    let last = key.split(separator: "/").last ?? ""
    return last == "top1" || last == "top5" || last.lowercased().hasSuffix("accuracy")
  }

  var scale: Double { isFraction ? 100 : 1 }

  /// `test top-1`
  var name: String {
    key.replacingOccurrences(of: "/", with: " ")
      .replacingOccurrences(of: "top1", with: "top-1")
      .replacingOccurrences(of: "top5", with: "top-5")
  }

  /// `test top-1 (%)`
  var title: String { titled(name) }

  /// Whether the metric or its difference is meant: its key, or its name with or without the unit.
  func isNamed(_ text: String) -> Bool { [key, name, title, "\(key).difference"].contains(text) }

  /// A column's title with the unit behind it.
  func titled(_ name: String) -> String { isFraction ? "\(name) (%)" : name }

  /// `mean ± half width`, or nil where there is no sample.
  func text(_ statistics: SampleStatistics?, signed: Bool = false) -> String? {
    statistics.map { text($0.mean, $0.confidence95, signed: signed) }
  }

  /// `value ± half width`.
  func text(_ value: Double, _ halfWidth: Double?, signed: Bool = false) -> String {
    let decimals = isFraction ? 2 : NumberText.decimals(for: value)
    return NumberText.interval(
      value * scale, halfWidth.map { $0 * scale }, decimals: decimals, signed: signed)
  }

  /// A distance between two values, without its unit.
  func text(width: Double) -> String {
    NumberText.fixed(
      width * scale, decimals: isFraction ? 2 : NumberText.decimals(for: width))
  }

  /// A distance in words: `0.82 points`.
  func words(width: Double) -> String {
    "\(text(width: width))\(isFraction ? " points" : "")"
  }
}

extension NumberText {
  /// A list for a sentence: `a, b, c`.
  static func list(_ items: some Sequence<String>) -> String {
    items.joined(separator: ", ")
  }
}
