/// The options of every command that starts runs.
enum SweepOptions {
  static let all = [
    Option.data,
    Option(
      name: "results", value: "DIR", summary: "folder of the results (Results/<experiment>)"),
    Option(
      name: "set", value: "PATH=VALUE", summary: "replace a field, e.g. training.epochs=2",
      isRepeatable: true),
    Option(
      name: "jobs", value: "N", summary: "runs side by side, each in a process (all processors)"),
    Option(
      name: "checkpoint-every", value: "SECONDS", summary: "time between checkpoints (30)"),
    Option(name: "keep-weights", summary: "store the trained weights in the run files"),
  ]
}
