// SPDX-License-Identifier: Apache-2.0

import Settings

/// The words of the command line, with the command found among them.
struct Invocation: Sendable {
  let command: (any Command.Type)?
  /// Everything but the command's name.
  let words: [String]
  /// The word that stands where a command should.
  private let name: String?
  /// The options before it.
  private let leading: [String]

  init(_ words: [String]) {
    var before: [String] = []
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-") {
      before.append(rest.removeFirst())
      let takesValue = GlobalFlags.all.contains { "--\($0.name)" == word && $0.placeholder != nil }
      if takesValue, let value = rest.popFirst() { before.append(value) }
    }
    name = rest.popFirst()
    command = name.flatMap(Commands.command)
    leading = before
    self.words = before + rest
  }

  var asksForHelp: Bool { contains(["--help", "-h"]) && (command != nil || name == nil) }
  var asksForVersion: Bool { contains(["--version"]) && (command != nil || name == nil) }

  /// The command.
  ///
  /// - Throws: what is wrong before or in place of its name.
  func requiredCommand() throws(CommandError) -> any Command.Type {
    _ = try Arguments(leading, flags: GlobalFlags.all, operands: .none, usage: "")
    if let command { return command }
    guard let name else {
      throw .refused("a command is missing; `continuum --help` lists the commands")
    }
    let hint = Spelling.nearest(to: name, among: Commands.names)
      .map { " (did you mean \"\($0)\"?)" }
    throw .refused(
      "there is no command \"\(name)\"\(hint ?? ""); "
        + "the commands are: \(Commands.names.joined(separator: ", "))")
  }

  private func contains(_ options: Set<String>) -> Bool {
    words.prefix { $0 != "--" }.contains(where: options.contains)
  }
}
