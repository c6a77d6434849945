// SPDX-License-Identifier: Apache-2.0

/// What stands before a name in a legend.
struct PlotSample {
  /// Colour and dashes, as gnuplot says them.
  var line: String
  var width = 2.0
  var marker: Int?
}

/// The names of what is drawn: in a column at the right where a page is wide, else in rows above
/// the axes, never on them.
struct PlotLegend {
  /// One name, cut into lines.
  private struct Entry {
    var lines: [String]
    var sample: PlotSample?
    var width: Double
  }

  let isBeside: Bool
  /// The room it takes at the right; 0 where it is above.
  let width: Double
  /// Of the column, or of the rows.
  let height: Double
  private let rows: [[Entry]]
  private let font: Double

  /// More names than these nobody tells apart.
  private static let most = 40

  private static func sampleLength(_ font: Double) -> Double { 2.2 * font }
  private static func gap(_ font: Double) -> Double { 0.6 * font }

  init(_ names: [(name: String, sample: PlotSample)], page width: Double, font: Double) {
    self.font = font
    let named = names.filter { !$0.name.isEmpty }
    isBeside = width >= 50 * font
    let head = Self.sampleLength(font) + Self.gap(font)
    let room = (isBeside ? 0.3 * width : width - font) - head
    var entries = named.prefix(Self.most).map { name, sample in
      let lines = PlotText.wrapped(name, width: room, size: font, lines: 5)
      let widest = lines.map { PlotText.width($0, size: font) }.max() ?? 0
      return Entry(lines: lines, sample: sample, width: head + widest)
    }
    if named.count > Self.most {
      let rest = "and \(named.count - Self.most) more"
      entries.append(
        Entry(lines: [rest], sample: nil, width: head + PlotText.width(rest, size: font)))
    }
    rows = isBeside ? entries.map { [$0] } : Self.flow(entries, width: width - font, font: font)
    let widest = entries.map(\.width).max()
    self.width = isBeside ? widest.map { $0 + 2 * font } ?? 0 : 0
    let heights = rows.map { Self.height($0, font: font) }
    height = heights.reduce(0, +) + (isBeside || rows.isEmpty ? 0 : 0.4 * font)
  }

  /// Entries in reading order: in columns of one width, or one after the other where that takes
  /// fewer rows.
  private static func flow(_ entries: [Entry], width: Double, font: Double) -> [[Entry]] {
    guard let widest = entries.map(\.width).max() else { return [] }
    let space = 1.5 * font
    let columns = min(entries.count, max(1, Int((width + space) / (widest + space))))
    let aligned = stride(from: 0, to: entries.count, by: columns).map { start in
      entries[start..<min(start + columns, entries.count)].map { entry in
        Entry(lines: entry.lines, sample: entry.sample, width: widest + space)
      }
    }
    var packed: [[Entry]] = []
    var left = 0.0
    for var entry in entries {
      entry.width += space
      if packed.isEmpty || left < entry.width - space {
        packed.append([])
        left = width
      }
      packed[packed.count - 1].append(entry)
      left -= entry.width
    }
    return packed.count < aligned.count ? packed : aligned
  }

  private static func height(_ row: [Entry], font: Double) -> Double {
    let lines = Double(row.map(\.lines.count).max() ?? 0)
    return (lines * PlotText.lineHeight + 0.25) * font
  }

  func draw(on canvas: inout PlotCanvas, at place: PlotPlace) {
    var y = place.y
    for row in rows {
      var x = place.x
      for entry in row {
        if let sample = entry.sample {
          let middle = PlotPlace(x: x, y: y + font * PlotText.lineHeight / 2)
          canvas.sample(sample, at: middle, length: Self.sampleLength(font))
        }
        let start = x + Self.sampleLength(font) + Self.gap(font)
        canvas.paragraph(entry.lines, at: PlotPlace(x: start, y: y))
        x += entry.width
      }
      y += Self.height(row, font: font)
    }
  }
}
