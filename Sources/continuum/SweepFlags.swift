// SPDX-License-Identifier: Apache-2.0

import Settings

/// The flags of every command that starts runs.
enum SweepFlags {
  static let results = Flag<String?>(
    "results", "DIR", "folder of the results (Results/<experiment>)")
  static let checkpointEvery = Flag(
    "checkpoint-every", "SECONDS", default: 30, in: 0...86_400, "time between checkpoints")
  static let keepWeights = Flag(
    "keep-weights",
    "store the trained weights in the run files; finished runs without are made again")
  static let keepEpochs = Flag<String?>(
    "keep-epochs", "LIST",
    "also keep the weights after these epochs, as 1,2,4, in RESULTS/weights")
  static let noLocks = Flag(
    "no-locks", "for file systems without locks: no other command may use the results meanwhile")
  static let settings = Flag(
    repeated: "set", "PATH=VALUE", "replace a field, e.g. training.epochs=2")
  static let again = Flag(
    repeated: "again", "FAILED|ID,…", "make all failed runs, or runs of these identifiers, again")
  static let jobs = Flag<Int?>(
    "jobs", in: 1...256, "runs side by side, each in a process (all processors)")

  /// Of one run.
  static let run: [any AnyFlag] = [
    CommonFlags.data, results, checkpointEvery, keepWeights, keepEpochs, noLocks,
  ]

  /// The epochs of `--keep-epochs`, rising.
  ///
  /// - Throws: where they are not whole numbers with commas between.
  static func keptEpochs(_ arguments: Arguments) throws(SettingsError) -> [Int] {
    guard let list = arguments[keepEpochs] else { return [] }
    let epochs = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let valid = epochs.compactMap { $0 }.filter { (1...100_000).contains($0) }
    guard valid.count == epochs.count else {
      throw arguments.error(
        keepEpochs, "must be numbers from 1 to 100000 with commas between them")
    }
    return Set(valid).sorted()
  }
}
