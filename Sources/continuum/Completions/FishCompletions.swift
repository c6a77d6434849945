// SPDX-License-Identifier: Apache-2.0

/// The completions of fish, with what each command and flag is.
struct FishCompletions {
  let commands: [any Command.Type]

  var script: String {
    let names = commands.map {
      "complete -c continuum -n __fish_use_subcommand -f -a \($0.name) -d \(Self.quoted($0.summary))\n"
    }
    let global = GlobalFlags.all.map { line($0, condition: nil) }
    return "# Completions of continuum for fish, made by `continuum completions fish`.\n"
      + names.joined() + global.joined() + commands.map(section).joined()
  }

  private func section(_ command: any Command.Type) -> String {
    let condition = "__fish_seen_subcommand_from \(command.name)"
    let words = command.operands.words
    let operands =
      words.isEmpty
      ? ""
      : "complete -c continuum -n \(Self.quoted(condition)) -a "
        + "\(Self.quoted(words.joined(separator: " ")))\n"
    return operands + command.flags.map { line($0, condition: condition) }.joined()
  }

  private func line(_ flag: any AnyFlag, condition: String?) -> String {
    var words = ["complete -c continuum"]
    if let condition { words.append("-n \(Self.quoted(condition))") }
    words.append("-l \(flag.name)")
    if !flag.words.isEmpty {
      words.append("-x -a \(Self.quoted(flag.words.joined(separator: " ")))")
    } else if flag.placeholder != nil {
      words.append(flag.takesFile ? "-r -F" : "-x")
    }
    return (words + ["-d \(Self.quoted(flag.summary))"]).joined(separator: " ") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
  }
}
