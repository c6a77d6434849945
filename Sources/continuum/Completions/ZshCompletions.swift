// SPDX-License-Identifier: Apache-2.0

/// The completions of zsh, with what each command and flag is.
struct ZshCompletions {
  let commands: [any Command.Type]

  var script: String {
    let names = commands.map { "    \(Self.quoted("\($0.name):\($0.summary)"))\n" }
    return """
      #compdef continuum
      # Completions of continuum for zsh, made by `continuum completions zsh`.
      _continuum() {
        local context state state_descr line
        typeset -A opt_args
        local -a commands=(
      \(names.joined())\
        )
        _arguments -C \\
      \(GlobalFlags.all.map(argument).joined())\
          '1:command:->command' '*::argument:->argument' && return
        case $state in
          command) _describe command commands ;;
          argument)
            case $words[1] in
      \(commands.map(section).joined())\
            esac ;;
        esac
      }

      if [[ $funcstack[1] == _continuum ]]; then _continuum "$@"; else compdef _continuum continuum; fi

      """
  }

  private func section(_ command: any Command.Type) -> String {
    let words = command.operands.words
    let files =
      words.isEmpty
      ? "_files" : "_alternative 'w:word:(\(words.joined(separator: " ")))' 'f:file:_files'"
    let operands =
      words.isEmpty
      ? "'*:file:_files'"
      : Self.quoted("*:argument:{ \(files) }")
    return """
              \(command.name))
                _arguments \\
      \(command.allFlags.map { "      " + argument($0) }.joined())\
                  \(operands) ;;

      """
  }

  /// `'*--set[replace a field]:PATH=VALUE:'`
  private func argument(_ flag: any AnyFlag) -> String {
    let summary = flag.summary.replacing("[", with: "\\[").replacing("]", with: "\\]")
    var text = "\(flag.isRepeatable ? "*" : "")--\(flag.name)[\(summary)]"
    if let placeholder = flag.placeholder {
      let name = flag.words.isEmpty ? placeholder.replacing(":", with: "\\:") : "value"
      let action =
        flag.words.isEmpty
        ? (flag.takesFile ? "_files" : "") : "(\(flag.words.joined(separator: " ")))"
      text += ":\(name):\(action)"
    }
    return "    \(Self.quoted(text)) \\\n"
  }

  private static func quoted(_ text: String) -> String {
    "'\(text.replacing("'", with: "'\\''"))'"
  }
}
