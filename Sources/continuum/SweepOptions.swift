import Settings

/// The options of every command that starts runs.
enum SweepOptions {
  /// Of one run.
  static let run = [
    Option.data,
    Option(
      name: "results", value: "DIR", summary: "folder of the results (Results/<experiment>)"),
    Option(
      name: "checkpoint-every", value: "SECONDS", summary: "time between checkpoints (30)"),
    Option(
      name: "keep-weights",
      summary: "store the trained weights in the run files; finished runs without are made again"),
    Option(
      name: "keep-epochs", value: "LIST",
      summary: "also keep the weights after these epochs, as 1,2,4, in RESULTS/weights"),
    Option(
      name: "no-locks",
      summary: "for file systems without locks: no other command may use the results meanwhile"),
  ]
  static let set = Option(
    name: "set", value: "PATH=VALUE", summary: "replace a field, e.g. training.epochs=2",
    isRepeatable: true)
  static let again = Option(
    name: "again", value: "FAILED|ID,…",
    summary: "make all failed runs, or runs of these identifiers, again", isRepeatable: true)

  /// The epochs of `--keep-epochs`, rising.
  ///
  /// - Throws: where they are not whole numbers with commas between.
  static func keptEpochs(_ arguments: Arguments) throws(SettingsError) -> [Int] {
    guard let list = arguments.text("keep-epochs") else { return [] }
    let epochs = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let valid = epochs.compactMap { $0 }.filter { (1...100_000).contains($0) }
    guard valid.count == epochs.count else {
      throw arguments.error(
        "keep-epochs", "must be numbers from 1 to 100000 with commas between them")
    }
    return Set(valid).sorted()
  }

  static let jobs = Option(
    name: "jobs", value: "N", summary: "runs side by side, each in a process (all processors)")
}
