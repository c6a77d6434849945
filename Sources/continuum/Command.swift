// SPDX-License-Identifier: Apache-2.0

/// A verb of the tool. What it takes is declared, so that its help, its usage line and the strict
/// reading of its arguments come from one place.
protocol Command: Sendable {
  static var name: String { get }
  /// One line for the overview.
  static var summary: String { get }
  /// What stands after the name.
  static var operands: Operands { get }
  /// Beside the global ones.
  static var flags: [any AnyFlag] { get }
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

/// The flags that every command takes, before or after its name.
enum GlobalFlags {
  static let help = Flag("help", "show help")
  static let version = Flag("version", "show the version")
  static let quiet = Flag("quiet", "no progress and no notes on stderr")
  static let threads = Flag<Int?>(
    "threads", in: 1...1024, "threads of a computation (all processors)")
  static let seed = Flag<Int?>("seed", in: 0 ... .max, "seed of the random streams")

  static let all: [any AnyFlag] = [help, version, quiet, threads, seed]
}

/// Flags that several commands have.
enum CommonFlags {
  static let input = Flag<String?>(
    "input", "HxWxC", "height, width and channels of an image (as published)")
  static let classes = Flag<Int?>(
    "classes", in: 1...1_000_000, "number of classes (as published)")
  static let data = Flag<String?>("data", "DIR", "folder of the data sets (CONTINUUM_DATA)")
  static let overwrite = Flag("overwrite", "replace the output file where there is one")

  /// The form of the output, from the cases of a type.
  static func format<Format>(
    default fallback: Format, _ summary: String = "form of the output"
  ) -> Flag<Format>
  where Format: CaseIterable & RawRepresentable & Sendable, Format.RawValue == String {
    Flag("format", default: fallback, summary)
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
      + flags.map { flag in
        let usage = flag.isRequired ? flag.usage : "[\(flag.usage)]"
        return flag.isRepeatable ? "\(usage)…" : usage
      }).joined(separator: " ")
  }

  /// The page that `--help` shows.
  static var help: String {
    var page = "continuum \(name) – \(summary)\n\nUsage:\n  \(usage)\n"
    if !discussion.isEmpty { page += "\n\(discussion)\n" }
    page += Commands.section("Options", flags.map { ($0.usage, $0.summary) })
    page += Commands.section("Global options", GlobalFlags.all.map { ($0.usage, $0.summary) })
    page += "\nExample\(examples.count == 1 ? "" : "s"):\n"
    page += examples.map { "  \($0)\n" }.joined()
    return page
  }
}
