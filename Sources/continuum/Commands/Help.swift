// SPDX-License-Identifier: Apache-2.0

import Settings

/// `help`: the page of a command, for those who type it as a word.
enum Help: Command {
  static let name = "help"
  static let summary = "what a command takes, with an example"
  static let operands = Operands(usage: "[COMMAND]", count: 0...1)
  enum Flags {
    static let man = Flag("man", "the manual page of all commands, as source of man")
  }
  static let flags: [any AnyFlag] = [Flags.man]
  static let examples = ["continuum help describe"]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    if arguments.has(Flags.man) {
      guard arguments.operands.isEmpty else {
        throw CommandError.refused("--man is of all commands; leave out \(arguments.operands[0])")
      }
      return try Output.write(ManualPage(commands: Commands.all.filter { !$0.isHidden }).source)
    }
    guard let name = arguments.operands.first else {
      try Output.write(Commands.overview)
      return
    }
    guard let command = Commands.command(name) else {
      throw SettingsError(
        source: "COMMAND", field: "", value: "\"\(name)\"",
        rule: "must be one of: \(Commands.names.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: name, among: Commands.names))
    }
    try Output.write(command.help)
  }
}
