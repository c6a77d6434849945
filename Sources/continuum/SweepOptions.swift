/// The options of every command that starts runs.
enum SweepOptions {
  /// Of one run.
  static let run = [
    Option.data,
    Option(
      name: "results", value: "DIR", summary: "folder of the results (Results/<experiment>)"),
    Option(
      name: "checkpoint-every", value: "SECONDS", summary: "time between checkpoints (30)"),
    Option(name: "keep-weights", summary: "store the trained weights in the run files"),
  ]
  static let set = Option(
    name: "set", value: "PATH=VALUE", summary: "replace a field, e.g. training.epochs=2",
    isRepeatable: true)
  static let jobs = Option(
    name: "jobs", value: "N", summary: "runs side by side, each in a process (all processors)")
}
