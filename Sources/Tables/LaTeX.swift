// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Text that LaTeX shows as it is, and how wide it is there.
///
/// What pdflatex cannot set in its usual fonts stands there by its number, `[U+4E2D]`: a table of
/// foreign names compiles, and nothing is lost without a trace.
public enum LaTeX {
  /// One line of text, whatever it holds.
  public static func escaped(_ text: String) -> String {
    // A letter and its accent are one character to LaTeX only where they are one scalar.
    PrintableText.oneLine(text).precomposedStringWithCanonicalMapping
      .replacing("--", with: "-\u{200B}-").map(escaped).joined()
  }

  /// Like `escaped`, and words longer than so many letters may be broken, as in a narrow column.
  public static func breakable(_ text: String, longerThan limit: Int = longestWord) -> String {
    PrintableText.oneLine(text).split(separator: " ", omittingEmptySubsequences: false)
      .map { word in
        guard isLonger(String(word), than: limit) else { return escaped(String(word)) }
        let pieces = pieces(of: String(word))
        // Behind a hyphen a line may end of itself.
        return pieces.dropLast()
          .map { escaped($0) + ($0.hasSuffix("-") ? "" : "\\allowbreak{}") }.joined()
          + escaped(pieces.last ?? "")
      }.joined(separator: " ")
  }

  /// Longer words may be broken in a narrow column.
  public static let longestWord = 12

  /// The usual width of a letter, in thousandths of a point.
  private static let letterWidth = 5_000

  static func isLonger(_ word: String, than letters: Int) -> Bool {
    word.count > letters || width(word) > 2 * letters * letterWidth
  }

  /// Where `breakable` allows a word to end: at marks, and in what is still as wide as 20 letters.
  static func pieces(of word: String) -> [String] {
    PrintableText.parts(of: word).flatMap { part in
      PrintableText.folded(part, width: 20 * letterWidth, measure: width)
    }
  }

  private static func escaped(_ character: Character) -> String {
    if let known = replacements[character] { return known }
    if character.isASCII || isAccented(character) { return String(character) }
    return character.unicodeScalars.map { scalar in
      if let known = replacements[Character(scalar)] { return known }
      if scalar.isASCII { return String(scalar) }
      return "[U+\(padded(String(scalar.value, radix: 16, uppercase: true)))]"
    }.joined()
  }

  private static func padded(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The letters of Western Europe, which every pdflatex sets in its usual fonts.
  private static func isAccented(_ character: Character) -> Bool {
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ".contains(character)
  }

  private static let replacements: [Character: String] = {
    var replacements: [Character: String] = [
      "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
      "^": "\\textasciicircum{}", "_": "\\_", "~": "\\textasciitilde{}", "%": "\\%",
      "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "''",
      "`": "\\textasciigrave{}",
      "—": "---", "–": "--", "…": "\\ldots{}", "‘": "`", "’": "'", "“": "``", "”": "''",
      "§": "\\S{}", "©": "\\copyright{}", "\u{A0}": "~", "\u{2009}": "\\,", "\u{202F}": "\\,",
      // Marks without width; between two hyphens one keeps them from becoming a dash.
      "\u{200B}": "{}", "\u{200C}": "", "\u{200D}": "", "\u{FEFF}": "", "\u{AD}": "\\-",
      "\u{FE0E}": "", "\u{FE0F}": "",
    ]
    for (character, symbol) in symbols { replacements[character] = "$\(symbol)$" }
    return replacements
  }()

  /// What is set as mathematics.
  private static let symbols: [Character: String] = [
    "±": "\\pm", "−": "-", "×": "\\times", "·": "\\cdot", "∘": "\\circ", "°": "^\\circ",
    "→": "\\rightarrow", "←": "\\leftarrow", "↑": "\\uparrow", "↓": "\\downarrow",
    "↔": "\\leftrightarrow", "⇒": "\\Rightarrow", "∥": "\\parallel", "∞": "\\infty",
    "≤": "\\leq", "≥": "\\geq", "≈": "\\approx", "≠": "\\neq", "∝": "\\propto", "≡": "\\equiv",
    "∈": "\\in", "∑": "\\sum", "√": "\\surd", "∂": "\\partial", "∇": "\\nabla", "•": "\\bullet",
    "¬": "\\neg", "⊕": "\\oplus", "⊙": "\\odot", "⊗": "\\otimes", "✓": "\\surd",
    "¹": "^1", "²": "^2", "³": "^3", "⁻": "^-", "µ": "\\mu", "Δ": "\\Delta",
    "α": "\\alpha", "β": "\\beta", "γ": "\\gamma", "δ": "\\delta", "ε": "\\varepsilon",
    "ζ": "\\zeta", "η": "\\eta", "θ": "\\theta", "ι": "\\iota", "κ": "\\kappa", "λ": "\\lambda",
    "μ": "\\mu", "ν": "\\nu", "ξ": "\\xi", "π": "\\pi", "ρ": "\\rho", "σ": "\\sigma",
    "τ": "\\tau", "υ": "\\upsilon", "φ": "\\varphi", "χ": "\\chi", "ψ": "\\psi", "ω": "\\omega",
    "Γ": "\\Gamma", "Θ": "\\Theta", "Λ": "\\Lambda", "Ξ": "\\Xi", "Π": "\\Pi", "Σ": "\\Sigma",
    "Φ": "\\Phi", "Ψ": "\\Psi", "Ω": "\\Omega",
  ]
}

// MARK: Width on a page

extension LaTeX {
  /// The width of a text in Computer Modern of ten points, in thousandths of a point, or a little
  /// more: kerns and ligatures only make it narrower.
  static func width(_ text: String) -> Int {
    PrintableText.oneLine(text).reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    if let known = widths[character] { return known }
    if character.isASCII || isAccented(character) { return character.isUppercase ? 7_850 : 5_560 }
    if replacements[character] != nil { return 10_000 }
    return escaped(character).count * 6_600
  }

  /// Source: the metrics of cmr10, in groups of nearly one width.
  private static let widths: [Character: Int] = {
    let groups = [
      (2_780, "il.,:;'!|`"), (3_060, "j"), (3_340, " -"), (3_900, "ftrsI()[]"), (4_450, "cez"),
      (5_000, "0123456789ago"), (5_280, "vxykq"), (5_560, "bdhnpuSJ+"), (6_600, "αβγδελμπστω"),
      (7_780, "mw=<>±−×"), (10_280, "MW%@æœÆ—"),
    ]
    return Dictionary(
      uniqueKeysWithValues: groups.flatMap { width, characters in characters.map { ($0, width) } })
  }()
}
