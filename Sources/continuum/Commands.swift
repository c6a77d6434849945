// SPDX-License-Identifier: Apache-2.0

/// All commands, in the order of the overview.
enum Commands {
  static let all: [any Command.Type] = [
    Zoo.self,
    Describe.self,
    Match.self,
    Paper.self,
    Run.self,
    Schema.self,
    Train.self,
    Evaluate.self,
    Predict.self,
    Table.self,
    Effects.self,
    Rates.self,
    PlotCommand.self,
    Verify.self,
    WeightsCommand.self,
    Decouple.self,
    DataCommand.self,
    Bench.self,
    Help.self,
    Completions.self,
    WorkerCommand.self,
    WeightReader.self,
  ]

  static func command(_ name: String) -> (any Command.Type)? {
    all.first { $0.name == name }
  }

  /// The names that a misspelt one is compared with.
  static var names: [String] { all.filter { !$0.isHidden }.map { $0.name } }

  /// The page of `continuum --help`.
  static var overview: String {
    let shown = all.filter { !$0.isHidden }
    return """
      continuum – which point between a regular and a depthwise separable convolution is best?

      Usage:
        continuum COMMAND [arguments]
      \(section("Commands", shown.map { ($0.name, $0.summary) }))\
      \(section("Global options", GlobalFlags.all.map { ($0.usage, $0.summary) }))
      `continuum COMMAND --help` says what a command takes and gives an example.
      Exit codes: 0 done, 1 a run failed, 2 wrong usage or bad input, 130 interrupted.

      """
  }

  /// A titled list of terms and what they mean, in two columns.
  static func section(_ title: String, _ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    let width = min(rows.map(\.0.count).max() ?? 0, 24)
    let lines = rows.map { term, meaning -> String in
      guard term.count <= width else {
        return "  \(term)\n  " + String(repeating: " ", count: width) + "  \(meaning)\n"
      }
      return "  \(term)" + String(repeating: " ", count: width - term.count) + "  \(meaning)\n"
    }
    return "\n\(title):\n" + lines.joined()
  }
}
