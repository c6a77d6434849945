// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How large a plot is; what is nil follows from the rest and from what is drawn.
public struct PlotSize: Sendable {
  /// In points, of which an inch has 72.
  public var width: Double?
  public var height: Double?
  /// Of ticks and legends; the title is larger.
  public var fontSize: Double?
  /// Whether title and subtitle are drawn; a paper has its caption instead.
  public var hasTitle: Bool

  public init(
    width: Double? = nil, height: Double? = nil, fontSize: Double? = nil, hasTitle: Bool = true
  ) {
    self.width = width
    self.height = height
    self.fontSize = fontSize
    self.hasTitle = hasTitle
  }

  /// Column and text widths of common templates, in inches.
  ///
  /// Source: the style files of CVPR, ICML, IEEEtran, NeurIPS and ICLR, and Springer's LNCS.
  public static let templates: [(name: String, inches: Double)] = [
    ("cvpr-column", 3.25), ("cvpr-page", 6.875), ("icml-column", 3.25), ("icml-page", 6.75),
    ("ieee-column", 3.5), ("ieee-page", 7.16), ("neurips", 5.5), ("iclr", 5.5), ("eccv", 4.8),
  ]

  /// The units of a length, in points; a plain number is in centimetres.
  private static let units = ["cm": 72 / 2.54, "mm": 7.2 / 2.54, "in": 72, "pt": 1, "": 72 / 2.54]

  /// The points of a length such as `8.5cm`, `3.25in`, `8.5` or `cvpr-column`, or nil.
  public static func points(_ text: String) -> Double? {
    if let template = templates.first(where: { $0.name == text }) { return template.inches * 72 }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
    guard let number = Double(digits), let factor = units[unit] else { return nil }
    return number * factor
  }

  /// What the figure's text is set in: a page's on a page, a column's in a column.
  func font(width: Double) -> Double {
    fontSize ?? (width <= 290 ? 7 : width <= 570 ? 8 : 9.75)
  }
}
