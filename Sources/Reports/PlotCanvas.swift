// SPDX-License-Identifier: Apache-2.0

/// A place on a page: points from its left edge and from its top.
struct PlotPlace {
  var x: Double
  var y: Double
}

/// A rectangle of a page, in points from its left edge and from its top.
struct PlotArea {
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double

  var width: Double { right - left }
  var height: Double { bottom - top }
}

/// Lines of a gnuplot script, placed by points on a page: gnuplot's own layout differs from
/// terminal to terminal.
struct PlotCanvas {
  enum Alignment: String { case left, center, right }

  let width: Double
  let height: Double
  let font: Double
  let format: PlotFormat
  private(set) var lines: [String] = []

  init(width: Double, height: Double, font: Double, format: PlotFormat) {
    self.width = width
    self.height = height
    self.font = font
    self.format = format
  }

  /// Strokes and marks shrink with the text.
  var scale: Double { font / PlotCanvas.usualFont }
  static let usualFont = 9.75

  /// The widths of lines, and the sizes of marks, as the script says them.
  func stroke(_ width: Double) -> String { Gnuplot.short(width * max(0.7, scale)) }
  func markSize(_ size: Double) -> String { Gnuplot.short(size * max(0.6, scale)) }

  mutating func add(_ line: String) { lines.append(line) }

  /// A line of text, `place` being its middle line.
  mutating func text(
    _ text: String, at place: PlotPlace, _ alignment: Alignment = .left, size: Double? = nil,
    color: String = PlotStyle.ink, isUpright: Bool = false
  ) {
    let cleaned = PlotText.cleaned(text)
    guard cleaned.contains(where: { $0 != " " }) else { return }
    let shown =
      switch format {
      case .tikz: TikZ.text(cleaned, within: room(place, alignment))
      case .png, .pdf: Glyphs.drawable(cleaned)
      case .svg: cleaned
      }
    add(
      "set label \(Gnuplot.quoted(shown)) at \(screen(place)) \(alignment.rawValue) "
        + (isUpright ? "rotate by 90 " : "")
        + "font ',\(Gnuplot.short(size ?? font))' textcolor rgb '\(color)'")
  }

  /// How wide a level line that begins at a place may be, in points; nil where it ends there.
  private func room(_ place: PlotPlace, _ alignment: Alignment) -> Double? {
    alignment == .left ? width - place.x - 0.5 * font : nil
  }

  /// Lines of text one below the other; `top` is the first one's upper edge.
  mutating func paragraph(
    _ texts: [String], at top: PlotPlace, _ alignment: Alignment = .left, size: Double? = nil,
    color: String = PlotStyle.ink
  ) {
    let height = (size ?? font) * PlotText.lineHeight
    for (index, text) in texts.enumerated() {
      let place = PlotPlace(x: top.x, y: top.y + (Double(index) + 0.5) * height)
      self.text(text, at: place, alignment, size: size, color: color)
    }
  }

  /// What a legend's entry looks like: a line, with a mark in its middle where it has one.
  mutating func sample(_ sample: PlotSample, at place: PlotPlace, length: Double) {
    let end = PlotPlace(x: place.x + length, y: place.y)
    add(
      "set arrow from \(screen(place)) to \(screen(end)) nohead "
        + "linewidth \(stroke(sample.width)) \(sample.line)")
    guard let marker = sample.marker else { return }
    let middle = PlotPlace(x: place.x + length / 2, y: place.y)
    add(
      "set label '' at \(screen(middle)) point pointtype \(marker) "
        + "pointsize \(markSize(0.85)) \(sample.line)")
  }

  /// The rectangle that the axes enclose.
  mutating func frame(_ area: PlotArea) {
    add("set lmargin at screen \(Gnuplot.short(area.left / width))")
    add("set rmargin at screen \(Gnuplot.short(area.right / width))")
    add("set tmargin at screen \(Gnuplot.short(1 - area.top / height))")
    add("set bmargin at screen \(Gnuplot.short(1 - area.bottom / height))")
  }

  private func screen(_ place: PlotPlace) -> String {
    "screen \(Gnuplot.short(place.x / width)), screen \(Gnuplot.short(1 - place.y / height))"
  }
}
