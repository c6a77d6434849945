// SPDX-License-Identifier: Apache-2.0

/// A column of numbers in LaTeX, under each other at the decimal point and at ±.
///
/// Digits are of one width there, so that what a number lacks is made up for by a `\phantom` of
/// digits, and only where numbers are of different length: most columns stay plain.
struct LaTeXNumbers {
  /// A number's parts; the fraction has its point.
  private struct Parts {
    var whole: String
    var fraction: String
    /// Nil where there is no ±.
    var spread: (whole: String, fraction: String)?
    var isSpreadAbsent = false
  }

  /// The source of every cell.
  let sources: [String]
  /// The width of every cell, of its phantoms too, as `LaTeX.width` says it.
  let widths: [Int]

  /// - Parameter isTight: without space around ±.
  init(_ cells: [TextTable.Cell], isTight: Bool = false) {
    let sign = isTight ? "$\\pm$" : " $\\pm$ "
    let texts = cells.map(\.text)
    let parts = texts.map(Self.parts)
    let known = parts.compactMap { $0 }
    let fraction = known.map(\.fraction).max { $0.count < $1.count } ?? ""
    let spreads = known.compactMap(\.spread)
    let spreadWhole = spreads.map(\.whole).max { $0.count < $1.count } ?? ""
    let spreadFraction = spreads.map(\.fraction).max { $0.count < $1.count } ?? ""
    let hasSpread = known.contains { $0.spread != nil || $0.isSpreadAbsent }
    sources = zip(texts, parts).map { text, parts in
      guard let parts else { return LaTeX.escaped(text) }
      var source = LaTeX.escaped(parts.whole + parts.fraction)
      source += Self.phantom(fraction.dropFirst(parts.fraction.count))
      guard hasSpread else { return source }
      let widest = spreadWhole + spreadFraction
      if let spread = parts.spread {
        return source + sign
          + Self.phantom(spreadWhole.prefix(spreadWhole.count - spread.whole.count))
          + spread.whole + spread.fraction
          + Self.phantom(spreadFraction.dropFirst(spread.fraction.count))
      }
      if parts.isSpreadAbsent {
        return source + sign
          + (widest.isEmpty ? "---" : "\\rlap{---}\(Self.phantom(widest[...]))")
      }
      let space = isTight ? "" : "~"
      return source + "\\phantom{\(space)$\\pm$\(space)"
        + (widest.isEmpty ? "---" : Self.zeros(widest[...])) + "}"
    }
    let widest = spreadWhole + spreadFraction
    let space = isTight ? "" : " "
    let spreadText =
      hasSpread ? "\(space)±\(space)" + (widest.isEmpty ? NumberText.absent : widest) : ""
    widths = zip(texts, parts).map { text, parts in
      LaTeX.width(parts.map { $0.whole + fraction + spreadText } ?? text)
    }
  }

  private static func phantom(_ text: Substring) -> String {
    text.isEmpty ? "" : "\\phantom{\(zeros(text))}"
  }

  private static func zeros(_ text: Substring) -> String {
    text.map { $0.isNumber ? "0" : String($0) }.joined()
  }

  private static func parts(of text: String) -> Parts? {
    let halves = text.split(separator: " ± ", omittingEmptySubsequences: false).map(String.init)
    guard halves.count <= 2, let center = number(halves[0], signs: "+−-") else { return nil }
    var parts = Parts(whole: center.whole, fraction: center.fraction)
    guard halves.count == 2 else { return parts }
    parts.spread = number(halves[1], signs: "")
    parts.isSpreadAbsent = halves[1] == NumberText.absent
    return parts.spread != nil || parts.isSpreadAbsent ? parts : nil
  }

  /// - Returns: nil where the text is more than digits with a sign, commas and a point.
  private static func number(
    _ text: String, signs: String
  ) -> (whole: String, fraction: String)? {
    let whole = text.prefix { $0 != "." }
    let fraction = text.dropFirst(whole.count)
    let digits = whole.first.map(signs.contains) ?? false ? whole.dropFirst() : whole
    guard digits.first?.isWholeNumber ?? false,
      (digits + fraction.dropFirst()).allSatisfy({
        $0.isASCII && ($0.isNumber || $0 == ",")
      })
    else { return nil }
    return (String(whole), String(fraction))
  }
}
