// SPDX-License-Identifier: Apache-2.0

/// Text from files on its way to a terminal or a page.
public enum PrintableText {
  /// One line: line ends and tabs are spaces, and a terminal finds nothing to obey.
  public static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    return withoutControls(
      text.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: " ")
        .map { $0.isNewline || $0 == "\t" ? " " : String($0) }.joined())
  }

  /// Replaces control characters, and marks that turn the direction of writing, by U+FFFD.
  public static func withoutControls(_ text: String, keeping kept: String = "") -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    let scalars = text.unicodeScalars.map { scalar in
      isUnprintable(scalar) && !kept.unicodeScalars.contains(scalar) ? "\u{FFFD}" : scalar
    }
    return String(String.UnicodeScalarView(scalars))
  }

  private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x202A...0x202E, 0x2066...0x2069: true
    default:
      [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
  }

  /// The text broken at spaces, and where a word is too long for a line behind `-`, `_`, `/`, `.`,
  /// `,` or anywhere.
  public static func folded(_ text: String, width: Int) -> [String] {
    folded(text, width: width, measure: displayWidth)
  }

  /// Lines with a line feed each, as wide as a terminal; one line where `width` is nil.
  ///
  /// - Parameters:
  ///   - text: the paragraph.
  ///   - width: of the terminal in characters; nil where there is none.
  ///   - indent: what stands before the first line; the others begin under its text.
  public static func paragraph(_ text: String, width: Int?, indent: String = "") -> String {
    guard let width else { return "\(indent)\(text)\n" }
    let lines = folded(text, width: max(1, width - indent.count))
    let blank = String(repeating: " ", count: indent.count)
    return lines.enumerated().map { "\($0 == 0 ? indent : blank)\($1)\n" }.joined()
  }

  /// - Parameter hyphenates: whether words that this table knows are divided, as in titles.
  static func folded(
    _ text: String, width: Int, hyphenates: Bool = false, measure: (String) -> Int
  ) -> [String] {
    var lines: [String] = []
    let words = text.split(separator: " ").flatMap { word -> [String] in
      guard hyphenates, measure(String(word)) > width else { return [String(word)] }
      return parts(of: String(word)).flatMap { syllables(of: $0) ?? [$0] }
    }
    for word in words {
      if let last = lines.last, measure("\(last) \(word)") <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else if measure(String(word)) <= width {
        lines.append(String(word))
      } else {
        lines += pieces(of: String(word), width: width, measure: measure)
      }
    }
    return lines.isEmpty ? [""] : lines
  }

  /// A word on several lines, each as full as it gets.
  private static func pieces(
    of word: String, width: Int, measure: (String) -> Int
  ) -> [String] {
    var lines: [String] = []
    for part in parts(of: word) {
      if let last = lines.last, measure(last + part) <= width {
        lines[lines.count - 1] = last + part
      } else if measure(part) <= width {
        lines.append(part)
      } else {
        lines.append("")
        for character in part {
          let last = lines[lines.count - 1]
          if !last.isEmpty, measure(last + String(character)) > width { lines.append("") }
          lines[lines.count - 1].append(character)
        }
      }
    }
    return lines
  }

  /// The two halves of a word of our titles that may be divided, the first with its hyphen.
  static func syllables(of word: String) -> [String]? {
    let halves = ["segments": 3, "parameters": 5, "mismatch": 3, "optimizer": 4, "reference": 5]
    guard let length = halves[word] else { return nil }
    return ["\(word.prefix(length))-", String(word.dropFirst(length))]
  }

  /// A word cut behind each mark where it may be broken.
  static func parts(of word: String) -> [String] {
    var parts = [""]
    var isBehindMark = false
    for character in word {
      let isMark = "-_/.,".contains(character)
      if isBehindMark, !isMark, parts[parts.count - 1].count > 2 { parts.append("") }
      parts[parts.count - 1].append(character)
      isBehindMark = isMark
    }
    return parts
  }
}

// MARK: Width on a terminal

extension PrintableText {
  /// The cells of a terminal that a text takes: two for wide East Asian characters and emoji, none
  /// for marks that stand on the letter before.
  public static func displayWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + displayWidth($1) }
  }

  private static func displayWidth(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first, !first.isASCII else { return 1 }
    let scalars = character.unicodeScalars
    if scalars.contains(where: { isWide($0) || $0.value == 0xFE0F }) { return 2 }
    let isMark: Set<Unicode.GeneralCategory> = [.nonspacingMark, .enclosingMark, .format]
    return scalars.allSatisfy { isMark.contains($0.properties.generalCategory) } ? 0 : 1
  }

  /// Source: Unicode Standard Annex 11, East Asian Width, the classes W and F.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x20000...0x3FFFD:
      true
    default: scalar.properties.isEmojiPresentation
    }
  }
}
