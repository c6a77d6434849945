// SPDX-License-Identifier: Apache-2.0

/// The completions of bash: words where they are few, and files wherever nothing else fits.
struct BashCompletions {
  let commands: [any Command.Type]

  var script: String {
    let names = commands.map { $0.name }
    return """
      # Completions of continuum for bash, made by `continuum completions bash`.
      _continuum() {
        local word=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD - 1]} command= index
        # bash takes --format=json for three words.
        if [[ $word == = ]]; then word=; elif [[ $flag == = ]]; then
          flag=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        for ((index = 1; index < COMP_CWORD; index++)); do
          case ${COMP_WORDS[index]} in
            \(names.joined(separator: "|"))) command=${COMP_WORDS[index]}; break ;;
          esac
        done
        COMPREPLY=()
        case $command in
          '') _continuum_words "$word" '\(names.joined(separator: " "))' '\(flags(GlobalFlags.all))' ;;
      \(commands.map(section).joined())\
        esac
      }

      # The words that begin as the first one does: of flags behind a dash, else of the others.
      _continuum_words() {
        if [[ $1 == -* ]]; then
          mapfile -t COMPREPLY < <(compgen -W "$3" -- "$1")
        else
          mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
        fi
      }

      complete -o default -F _continuum continuum

      """
  }

  private func section(_ command: any Command.Type) -> String {
    let flags = command.allFlags
    let choices = flags.filter { !$0.words.isEmpty }.map { flag in
      """
              --\(flag.name)) _continuum_words "$word" '\(flag.words.joined(separator: " "))' ;;

      """
    }
    let others = flags.filter { $0.placeholder != nil && $0.words.isEmpty }.map { "--\($0.name)" }
    // Nothing is said of these, and bash completes files.
    let rest = others.isEmpty ? "" : "        \(others.joined(separator: "|"))) ;;\n"
    return """
          \(command.name))
            case $flag in
      \(choices.joined() + rest)\
              *) _continuum_words "$word" '\(command.operands.words.joined(separator: " "))' \\
                '\(self.flags(flags))' ;;
            esac ;;

      """
  }

  private func flags(_ flags: [any AnyFlag]) -> String {
    flags.map { "--\($0.name)" }.joined(separator: " ")
  }
}
