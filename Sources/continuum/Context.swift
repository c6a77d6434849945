import Foundation
import Settings

/// What every command is given: the global options, and where messages go.
struct Context: Sendable {
  let console: Console
  /// Threads of a computation.
  let threads: Int
  /// Whether the user chose the number of threads.
  let hasChosenThreads: Bool
  /// The user's seed, if any; at most `Int.max`.
  let seed: UInt64?

  init(_ arguments: Arguments) throws(SettingsError) {
    console = Console(isQuiet: arguments.has("quiet"))
    let chosen = try arguments.integer("threads", in: 1...1024)
    hasChosenThreads = chosen != nil
    threads = chosen ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
    seed = try arguments.integer("seed", in: 0 ... .max).map(UInt64.init)
  }
}
