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
      name: "no-locks",
      summary: "for file systems without locks: no other command may use the results meanwhile"),
  ]
  static let set = Option(
    name: "set", value: "PATH=VALUE", summary: "replace a field, e.g. training.epochs=2",
    isRepeatable: true)
  static let again = Option(
    name: "again", value: "FAILED|ID,…",
    summary: "make all failed runs, or runs of these identifiers, again", isRepeatable: true)
  static let jobs = Option(
    name: "jobs", value: "N", summary: "runs side by side, each in a process (all processors)")
}
