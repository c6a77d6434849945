// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import Foundation
import Kernels
import Settings

/// The command-line tool: finds the command, hands it its arguments, turns errors into one line on
/// stderr and an exit code.
@main
struct Continuum {
  static func main() {
    OpenFiles.openStandardStreams()
    // A reader that goes away (`continuum zoo | head -1`) ends the output, not the program; nor does
    // a limit on the size of files, which is then an error of the one that is written.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interruption.endAtQuit()
    exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  /// Sees whether all words are text: one that is not, made into text, would name another file.
  private static func checkWords() throws(CommandError) {
    for (index, word) in CommandLine.arguments.enumerated() {
      guard let bytes = CommandLine.unsafeArgv[index], String(validatingCString: bytes) == nil
      else { continue }
      throw .refused(
        "argument \(index), \"\(word)\", is not UTF-8; rename the file, or name it by another path")
    }
  }

  private static func run(_ words: [String]) -> ExitCode {
    let invocation = Invocation(words)
    do {
      try perform(invocation)
      return .done
    } catch {
      let place = invocation.command.map { "continuum \($0.name)" } ?? "continuum"
      let failure = CommandError(error)
      Console.writeLine("\(place): \(failure.message)", block: failure.block)
      return failure.exitCode
    }
  }

  private static func perform(_ invocation: Invocation) throws {
    try checkWords()
    try OpenFiles.require()
    try AddressSpace.makeDo()
    if invocation.asksForVersion {
      try Output.write("continuum \(Provenance.version) (\(Provenance.commit))\n")
      return
    }
    if invocation.asksForHelp {
      try Output.write(invocation.command.map { $0.help } ?? Commands.overview)
      return
    }
    try Processor.checkLevel()
    let command = try invocation.requiredCommand()
    let arguments = try Arguments(invocation.words, for: command)
    let context = try Context(arguments)
    // Starts the program again where OpenBLAS needs telling; commands that only count need not wait.
    if command.computes { Processor.selectBestKernels() }
    try command.run(arguments, context)
  }
}

/// What the shell is told.
enum ExitCode: Int32, Sendable {
  case done = 0
  /// A run failed.
  case failed = 1
  /// Wrong usage or bad input.
  case refused = 2
  /// Stopped by the user; the same command goes on.
  case interrupted = 130
}
