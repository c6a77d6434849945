/// Text that LaTeX shows as it is.
public enum LaTeX {
  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "^": "\\textasciicircum{}", "_": "\\_", "~": "\\textasciitilde{}", "%": "\\%",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "''",
    "±": "$\\pm$", "—": "---", "−": "$-$", "×": "$\\times$", "→": "$\\rightarrow$",
    "∥": "$\\parallel$", "λ": "$\\lambda$", "σ": "$\\sigma$", "∞": "$\\infty$", "\n": " ",
  ]

  public static func escaped(_ text: String) -> String {
    text.map { replacements[$0] ?? String($0) }.joined()
  }
}
