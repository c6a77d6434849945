// SPDX-License-Identifier: Apache-2.0

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
    console = Console(isQuiet: arguments.has(GlobalFlags.quiet))
    let chosen = try arguments[GlobalFlags.threads]
    hasChosenThreads = chosen != nil
    threads = chosen ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
    seed = try arguments[GlobalFlags.seed].map(UInt64.init)
  }
}
