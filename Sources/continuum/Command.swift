/// A verb of the tool. What it takes is declared, so that its help, its usage line and the strict
/// reading of its arguments come from one place.
protocol Command: Sendable {
  static var name: String { get }
  /// One line for the overview.
  static var summary: String { get }
  /// What stands after the name.
  static var operands: Operands { get }
  /// Beside the global ones.
  static var options: [Option] { get }
  /// A paragraph under the usage line.
  static var discussion: String { get }
  /// Command lines that work as they stand.
  static var examples: [String] { get }
  /// Whether it multiplies matrices, so that the best kernels are worth a restart.
  static var computes: Bool { get }
  /// Left out of the overview.
  static var isHidden: Bool { get }

  static func run(_ arguments: Arguments, _ context: Context) throws
}

/// What a command takes without a name, e.g. `NETWORK`.
struct Operands: Sendable {
  /// As the usage line shows it.
  var usage: String
  var count: ClosedRange<Int>

  static let none = Operands(usage: "", count: 0...0)
}

/// An option of a command.
struct Option: Sendable {
  /// Without its dashes.
  var name: String
  /// What its value is called in the help; nil for a flag.
  var value: String?
  var summary: String
  var isRepeatable = false
  var isRequired = false

  var usage: String { "--\(name)" + (value.map { " \($0)" } ?? "") }

  /// Options that every command takes, before or after its name.
  static let global = [
    Option(name: "help", summary: "show help"),
    Option(name: "version", summary: "show the version"),
    Option(name: "quiet", summary: "no progress and no notes on stderr"),
    Option(name: "threads", value: "N", summary: "threads of a computation (all processors)"),
    Option(name: "seed", value: "N", summary: "seed of the random streams"),
  ]

  static let input = Option(
    name: "input", value: "HxWxC", summary: "height, width and channels of an image (as published)")
  static let classes = Option(
    name: "classes", value: "N", summary: "number of classes (as published)")
  static let data = Option(
    name: "data", value: "DIR", summary: "folder of the data sets (CONTINUUM_DATA)")

  /// `--format`, from the cases of a type; the first is the default.
  static func format<Format>(_ type: Format.Type) -> Option
  where Format: CaseIterable & RawRepresentable, Format.RawValue == String {
    let names = Format.allCases.map { $0.rawValue }
    return Option(
      name: "format", value: names.joined(separator: "|"), summary: "form of the output")
  }
}

extension Command {
  static var discussion: String { "" }
  static var computes: Bool { false }
  static var isHidden: Bool { false }

  /// `continuum describe NETWORK [--input HxWxC] …`
  static var usage: String {
    let operand = operands.usage.isEmpty ? [] : [operands.usage]
    return
      (["continuum", name] + operand
      + options.map { option in
        let usage = option.isRequired ? option.usage : "[\(option.usage)]"
        return option.isRepeatable ? "\(usage)…" : usage
      }).joined(separator: " ")
  }

  /// The page that `--help` shows.
  static var help: String {
    var page = "continuum \(name) – \(summary)\n\nUsage:\n  \(usage)\n"
    if !discussion.isEmpty { page += "\n\(discussion)\n" }
    page += Commands.section("Options", options.map { ($0.usage, $0.summary) })
    page += Commands.section("Global options", Option.global.map { ($0.usage, $0.summary) })
    page += "\nExample\(examples.count == 1 ? "" : "s"):\n"
    page += examples.map { "  \($0)\n" }.joined()
    return page
  }
}
