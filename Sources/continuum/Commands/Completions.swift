// SPDX-License-Identifier: Apache-2.0

import ModelZoo
import Settings

/// `completions`: what a shell completes after `continuum`, from the declarations of commands and flags.
enum Completions: Command {
  static let name = "completions"
  static let summary = "completions for bash, zsh or fish"
  static let operands = Operands(
    usage: Shell.allCases.map(\.rawValue).joined(separator: "|"), count: 1...1)
  static let flags: [any AnyFlag] = []
  static let discussion = """
    `make install` puts them where the shells look for them. By hand, for one shell:
      source <(continuum completions bash)
    """
  static let examples = ["continuum completions bash"]

  enum Shell: String, CaseIterable { case bash, zsh, fish }

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let word = arguments.operands[0]
    let names = Shell.allCases.map(\.rawValue)
    guard let shell = Shell(rawValue: word) else {
      throw SettingsError(
        source: "SHELL", field: "", value: "\"\(word)\"",
        rule: "must be one of: \(names.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: word, among: names))
    }
    let commands = Commands.all.filter { !$0.isHidden }
    switch shell {
    case .bash: try Output.write(BashCompletions(commands: commands).script)
    case .zsh: try Output.write(ZshCompletions(commands: commands).script)
    case .fish: try Output.write(FishCompletions(commands: commands).script)
    }
  }
}

extension Operands {
  /// The words that the first of them can be, as far as the program knows them.
  var words: [String] {
    let first = usage.split(separator: " ").first.map(String.init) ?? ""
    if first.contains("|") { return first.split(separator: "|").map(String.init) }
    if first.contains("NETWORK") { return NetworkZoo.all.map { $0.key } }
    return first.contains("COMMAND") ? Commands.names : []
  }
}

extension Command {
  /// Its own flags and the global ones.
  static var allFlags: [any AnyFlag] { flags + GlobalFlags.all }
}

extension AnyFlag {
  /// Whether its value names a file or a folder.
  var takesFile: Bool {
    guard let placeholder else { return false }
    return ["FILE", "DIR", "FOLDER", "RESULTS"].contains { placeholder.hasPrefix($0) }
  }
}
