// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What shells complete and `man` shows is what the help says, in forms that these programs take.
@Suite struct CompletionTests {
  private static let shells = ["bash", "zsh", "fish"]

  private static func has(_ program: String) -> Bool {
    ["/usr/bin", "/usr/local/bin", "/bin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// The flags in the help of a command, `--batch` say.
  private func flags(of command: String) throws -> [String] {
    let sections = try Tool.output(command, "--help").components(separatedBy: "ptions:\n")
    let lines = sections.dropFirst().flatMap { section in
      section.components(separatedBy: "\n\n")[0].split(separator: "\n")
    }
    return lines.compactMap { $0.firstMatch(of: #/^  (--[a-z-]+)/#).map { String($0.1) } }
  }

  @Test func everyCommandAndFlagStandsInThem() throws {
    let scripts = try Self.shells.map { try Tool.output("completions", $0) }
    let page = try Tool.output("help", "--man").replacing("\\-", with: "-")
    let commands = try Tool.commandNames()
    #expect(commands.count > 15)
    for command in commands {
      #expect(scripts.allSatisfy { $0.contains(command) }, "\(command)")
      #expect(page.contains(".SS \(command)\n"), "\(command)")
      let flags = try flags(of: command)
      #expect(flags.count >= 5)
      for flag in flags {
        let name = flag.dropFirst(2)
        #expect(scripts[0].contains(flag) && scripts[1].contains("\(flag)["), "\(flag)")
        #expect(scripts[2].contains("-l \(name) "), "\(flag)")
        #expect(page.contains(".B \(flag)"), "\(flag)")
      }
    }
    let outcome = try Tool.run(["completions", "zhs"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("(did you mean \"zsh\"?)"))
  }

  @Test(arguments: [
    ("continuum desc", "describe"), ("continuum --th", "--threads"),
    ("continuum bench --mo", "--mode"), ("continuum bench --mode i", "infer"),
    ("continuum bench --mode = i", "infer"), ("continuum weights d", "diff"),
    ("continuum describe vgg", "vgg16"), ("continuum --threads 2 table --f", "--format"),
    ("continuum table Resul", ""), ("continuum train probe --dataset mn", "mnist"),
  ])
  func bashCompletes(_ words: String, _ expected: String) throws {
    let outcome = try Tool.shell(
      """
      source <(continuum completions bash); set -u
      COMP_WORDS=(\(words)) COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _continuum
      echo "${COMPREPLY[*]-}"
      """)
    #expect(outcome.messages.isEmpty)
    #expect(outcome.output == "\(expected)\n")
  }

  @Test func otherShellsAndManTakeThem() throws {
    let checks = [
      ("bash", "continuum completions bash | bash -n"),
      ("zsh", "continuum completions zsh | zsh -n"),
      ("fish", "continuum completions fish | fish -n"),
      ("groff", "continuum help --man | groff -man -Tutf8 -Kutf8 -ww > /dev/null"),
    ]
    let mustRun = ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
    for (program, line) in checks where mustRun || Self.has(program) {
      let outcome = try Tool.shell("set -o pipefail; \(line)")
      #expect(outcome.exitCode == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
    }
  }

  /// Into a folder of its own, with the tool as it is built.
  @Test func theMakefileInstallsThem() throws {
    let scratch = try ScratchFolder()
    let tool = Tool.folder.appending(path: "continuum").path
    let outcome = try Tool.shell(
      "make -s -o build install TOOL='\(tool)' PREFIX='\(scratch.url.path)/prefix'")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    func installed(_ path: String) -> URL { scratch.url.appending(path: "prefix/\(path)") }
    for (path, words) in [
      ("share/bash-completion/completions/continuum", ["completions", "bash"]),
      ("share/zsh/site-functions/_continuum", ["completions", "zsh"]),
      ("share/fish/vendor_completions.d/continuum.fish", ["completions", "fish"]),
      ("share/man/man1/continuum.1", ["help", "--man"]),
    ] {
      let text = try String(contentsOf: installed(path), encoding: .utf8)
      #expect(try text == Tool.run(words).output, "\(path)")
      #expect(text.count > 5000)
    }
    let line = try Tool.shell("'\(installed("bin/continuum").path)' --version")
    #expect(try line.output == Tool.output("--version"))
  }
}
