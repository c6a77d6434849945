import Settings

/// The words of the command line, with the command found among them.
struct Invocation: Sendable {
  let command: (any Command.Type)?
  /// Everything but the command's name.
  let words: [String]
  /// The word that stands where a command should.
  private let name: String?

  init(_ words: [String]) {
    var before: [String] = []
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-") {
      before.append(rest.removeFirst())
      let takesValue = Option.global.contains { "--\($0.name)" == word && $0.value != nil }
      if takesValue, let value = rest.popFirst() { before.append(value) }
    }
    name = rest.popFirst()
    command = name.flatMap(Commands.command)
    self.words = before + rest
  }

  var asksForHelp: Bool { contains(["--help", "-h"]) && (command != nil || name == nil) }
  var asksForVersion: Bool { contains(["--version"]) && (command != nil || name == nil) }

  /// What is wrong where no command was found.
  var unknownCommand: CommandError {
    if let name {
      let hint = Spelling.nearest(to: name, among: Commands.names)
        .map { " (did you mean \"\($0)\"?)" }
      return .refused(
        "there is no command \"\(name)\"\(hint ?? ""); "
          + "the commands are: \(Commands.names.joined(separator: ", "))")
    }
    do {
      _ = try Arguments(words, options: Option.global, operands: .none, usage: "")
      return .refused("a command is missing; `continuum --help` lists the commands")
    } catch {
      return CommandError(error)
    }
  }

  private func contains(_ options: Set<String>) -> Bool {
    words.prefix { $0 != "--" }.contains(where: options.contains)
  }
}
