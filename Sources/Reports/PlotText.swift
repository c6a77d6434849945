// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How much room text takes, so that nothing is cut and nothing overlaps in any format.
///
/// Widths are those of DejaVu Sans, which is wider than whatever else may stand in for it.
enum PlotText {
  /// The height of a line as a multiple of the size.
  static let lineHeight = 1.3

  /// Thousandths of the size from the space to the tilde.
  ///
  /// Source: the advances of DejaVu Sans 2.37.
  private static let advances = [
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337, 637, 637, 637,
    637, 637, 637, 637, 637, 637, 637, 337, 337, 838, 838, 838, 531, 1000, 685, 687, 699, 771, 632,
    576, 775, 752, 295, 295, 656, 558, 863, 749, 788, 604, 788, 695, 635, 611, 732, 685, 989, 686,
    611, 686, 391, 337, 391, 838, 500, 500, 613, 635, 550, 635, 616, 353, 635, 634, 278, 278, 580,
    278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
  ]

  /// The width of a line of text.
  static func width(_ text: String, size: Double) -> Double {
    let thousandths = text.unicodeScalars.reduce(0) { $0 + advance($1) }
    return Double(thousandths) * size / 1000
  }

  private static func advance(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 32...126: advances[Int(scalar.value) - 32]
    case 0xB7: 318
    case 0xC0..<0x530: 680
    default: 1000
    }
  }

  /// Without what no picture can hold, or what turns the direction of writing: control characters,
  /// line feeds among them, are blanks.
  static func cleaned(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      let isControl = scalar.properties.generalCategory == .control
      // Ends of lines and paragraphs, then overrides and isolates.
      let isTurning =
        (0x2028...0x202E).contains(scalar.value)
        || (0x2066...0x2069).contains(scalar.value)
      return isControl || isTurning || scalar.value & 0xFFFE == 0xFFFE ? " " : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Lines no wider than a width; what is too much for so many lines ends in `…`.
  static func wrapped(
    _ text: String, width: Double, size: Double, lines most: Int = 4
  ) -> [String] {
    var lines: [String] = []
    for word in cleaned(text).split(separator: " ").map(String.init) {
      if let last = lines.last, self.width("\(last) \(word)", size: size) <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines += pieces(of: word, width: width, size: size)
      }
    }
    guard lines.count > most else { return lines }
    var last = lines[most - 1]
    while !last.isEmpty, self.width("\(last)…", size: size) > width { last.removeLast() }
    return lines.prefix(most - 1) + ["\(last)…"]
  }

  /// A line no wider than a width, cut in its middle: names that go together often begin alike.
  static func shortened(_ text: String, width: Double, size: Double) -> String {
    var (head, tail) = (Array(cleaned(text)), [Character]())
    guard self.width(String(head), size: size) > width else { return String(head) }
    tail = Array(head.suffix(head.count / 2))
    head.removeLast(tail.count)
    while head.count + tail.count > 1 {
      if head.count > tail.count { head.removeLast() } else { tail.removeFirst() }
      let short = String(head) + "…" + String(tail)
      if self.width(short, size: size) <= width { return short }
    }
    return "…"
  }

  /// A word cut where it must be.
  private static func pieces(of word: String, width: Double, size: Double) -> [String] {
    guard self.width(word, size: size) > width else { return [word] }
    var pieces = [""]
    for character in word {
      let longer = pieces[pieces.count - 1] + String(character)
      if self.width(longer, size: size) <= width || pieces[pieces.count - 1].isEmpty {
        pieces[pieces.count - 1] = longer
      } else {
        pieces.append(String(character))
      }
    }
    return pieces
  }
}
