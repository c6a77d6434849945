// SPDX-License-Identifier: Apache-2.0

/// The names along an axis of places, so arranged that none runs into another: side by side, in
/// two rows by turns, or upright.
struct CategoryAxis {
  private struct Name {
    var lines: [String]
    var row: Int
  }

  /// Of all names together.
  let height: Double
  private let names: [Name?]
  private let isUpright: Bool
  private let font: Double
  private let rowHeight: Double

  /// - Parameters:
  ///   - width: between the two ends, half a place beyond the outermost ones.
  ///   - room: what names may take beyond the ends.
  init(
    _ positions: [SpectrumPosition], width: Double, room: (left: Double, right: Double),
    font: Double
  ) {
    self.font = font
    let slot = width / Double(max(1, positions.count))
    let full = positions.map { Self.lines($0, isFull: true, slot: slot, font: font) }
    let short = positions.map { Self.lines($0, isFull: false, slot: slot, font: font) }
    let arranged =
      Self.rows(full, 1, slot, width, room, font) ?? Self.rows(short, 1, slot, width, room, font)
      ?? Self.rows(short, 2, slot, width, room, font)
    let line = PlotText.lineHeight * font
    if let arranged {
      names = arranged
      isUpright = false
      rowHeight = Double(arranged.map(\.lines.count).max() ?? 1) * line
      height = rowHeight * Double((arranged.map(\.row).max() ?? 0) + 1)
    } else {
      let every = max(1, Int((line / slot).rounded(.up)))
      let upright = positions.enumerated().map { index, position in
        index.isMultiple(of: every)
          ? Name(
            lines: [PlotText.shortened(position.name, width: 9 * font, size: font)], row: 0) : nil
      }
      names = upright
      isUpright = true
      rowHeight = 0
      height = upright.compactMap { $0 }.map { PlotText.width($0.lines[0], size: font) }.max() ?? 0
    }
  }

  /// The blocks that the axis names in full; other names of words break at their first hyphen.
  private static func lines(
    _ position: SpectrumPosition, isFull: Bool, slot: Double, font: Double
  ) -> [String] {
    switch (position.name, isFull) {
    case ("regular", true): return ["regular", "convolution"]
    case ("separable", true): return ["separable", "convolution"]
    default:
      let name = PlotText.cleaned(position.name)
      guard name.contains("-"), PlotText.width(name, size: font) > slot else { return [name] }
      let parts = name.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      return ["\(parts[0])-", String(parts[1])]
    }
  }

  /// Every name in the first row where it fits, or nil where one fits in none.
  private static func rows(
    _ names: [[String]], _ count: Int, _ slot: Double, _ width: Double,
    _ room: (left: Double, right: Double), _ font: Double
  ) -> [Name]? {
    var ends = Array(repeating: -room.left - 0.7 * font, count: count)
    var arranged: [Name] = []
    for (index, lines) in names.enumerated() {
      let half = (lines.map { PlotText.width($0, size: font) }.max() ?? 0) / 2
      let center = (Double(index) + 0.5) * slot
      let row = ends.firstIndex { center - half >= $0 + 0.7 * font }
      guard let row, center + half <= width + room.right else { return nil }
      ends[row] = center + half
      arranged.append(Name(lines: lines, row: row))
    }
    return arranged
  }

  func draw(on canvas: inout PlotCanvas, below area: PlotArea, at top: Double) {
    let slot = area.width / Double(max(1, names.count))
    for case (let index, let name?) in names.enumerated() {
      let x = area.left + (Double(index) + 0.5) * slot
      if isUpright {
        canvas.text(name.lines[0], at: PlotPlace(x: x, y: top), .right, isUpright: true)
      } else {
        let y = top + Double(name.row) * rowHeight
        canvas.paragraph(name.lines, at: PlotPlace(x: x, y: y), .center)
      }
    }
  }
}
