// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import Kernels
import ModelZoo
import Settings
import Tables

/// `match --quantity milliseconds`: widths at which training steps take as long, by the clock.
struct MillisecondMatches {
  /// A point at the width that was found, and its time beside those of all others.
  struct Row {
    let row: SpectrumPoint.Row
    let time: Alternation.Result
    /// Time over the target's, less 1.
    let mismatch: Double
  }

  let rows: [Row]
  /// Milliseconds; of a network as it was measured with the others.
  let target: Double
  private let batch: Int
  private let input: Shape
  private let classes: Int
  private let threads: Int

  /// - Throws: where a network has no width, or what is asked for cannot be measured.
  init(_ arguments: Arguments, _ network: NetworkArgument, _ context: Context) throws {
    guard !arguments.has(Match.Flags.within) else {
      throw arguments.error(
        Match.Flags.within, "means nothing beside --quantity milliseconds: no clock is so exact")
    }
    let description = network.description
    batch = try arguments[Match.Flags.batch]
    let rounds = try arguments[Match.Flags.rounds]
    let (input, classes) = (
      try arguments.inputShape(of: description), try arguments.classCount(of: description)
    )
    (self.input, self.classes, threads) = (input, classes, context.threads)
    let alternation = Alternation(
      input: input, classes: classes, batch: batch, rounds: rounds, context: context)
    let (number, reference) = try Self.target(arguments)
    let matching = MeasuredMatching(
      input: input, classes: classes, hold: try arguments[Match.Flags.hold],
      reference: reference, target: number
    ) { try alternation.measured($0).map(\.median) }
    let found = try SpectrumPoint.points(of: description, arguments: arguments) { point in
      context.console.progress(point.name, fraction: 0)
      do {
        return try matching.closest(point.network)
      } catch let error as BudgetMatching.Failure {
        throw SettingsError(
          source: network.source, field: "", value: "", rule: "\(point.name): \(error)")
      }
    }
    // What is told was measured with all of them by turns.
    let times = try alternation.measured(
      (reference.map { [$0] } ?? []) + found.map(\.match.network))
    context.console.endProgress()
    let target = reference == nil ? number : times[0].median
    self.target = target
    rows = zip(found, times.suffix(found.count)).map { row, time in
      Row(row: row, time: time, mismatch: time.median / target - 1)
    }
    noteMisses(context.console)
  }

  private func noteMisses(_ console: Console) {
    guard let worst = rows.map({ abs($0.mismatch) }).max(), worst > 0.05 else { return }
    console.note(
      "a width misses the target by \(NumberText.fixed(100 * worst, decimals: 0)) %: whole widths may "
        + "be too coarse, or the machine has other work; --rounds measures more steps")
  }

  /// Milliseconds, or the network that takes as long.
  private static func target(
    _ arguments: Arguments
  ) throws -> (number: Double, reference: NetworkDescription?) {
    let text = try arguments.required(Match.Flags.target, "must be milliseconds or a network")
    guard text.first?.isNumber == true else {
      return (.nan, try NetworkArgument(text, role: "--target").description)
    }
    guard let number = Double(text), (0.001...1e7).contains(number) else {
      throw arguments.error(
        Match.Flags.target, "must be from 0.001 to 10,000,000 milliseconds, or a network")
    }
    return (number, nil)
  }

  // MARK: Output

  func write(as format: Match.Format) throws {
    switch format {
    case .json: try Output.write(json.rendered)
    case .csv: try Output.write(table(forPeople: false).rendered(as: .csv))
    case .latex: try Output.write(table(forPeople: true).rendered(as: .latex))
    case .markdown:
      try Output.write(
        table(forPeople: true).rendered(as: .markdown, width: Output.terminalWidth))
    case .text:
      try Output.write(
        "milliseconds of a training step of \(batch) images, target "
          + "\(NumberText.fixed(target, decimals: 2)), \(input), \(classes) classes\n"
          + "\(Processor.description), \(threads) thread\(threads == 1 ? "" : "s")\n\n"
          + table(forPeople: true).rendered(as: .text, width: Output.terminalWidth)
          + "\nIn an experiment, without a budget:\n\"vary\": {\"network\": [\n"
          + rows.map { "  \($0.row.match.network.settings.canonicalText)" }
          .joined(separator: ",\n") + "\n]}\n")
    }
  }

  private func table(forPeople: Bool) -> TextTable {
    let axis = rows[0].row.match.axis.name
    var table = TextTable(
      ["block", "segments", axis, "milliseconds"]
        + (forPeople ? ["middle half", "mismatch (%)"] : ["lower", "upper", "mismatchPercent"])
        + [forPeople ? "multiply-adds" : "multiplyAdds"])
    table.rows = rows.map { row in
      let range = row.time.quartiles
      return [
        .text(row.row.point.block), row.row.segments.map(TextTable.Cell.integer) ?? .empty,
        Match.width(row.row.match), .number(row.time.median, decimals: 3),
      ]
        + (forPeople
          ? [
            .text(
              "\(NumberText.fixed(range.lowerBound, decimals: 2)) to "
                + NumberText.fixed(range.upperBound, decimals: 2))
          ]
          : [.number(range.lowerBound, decimals: 3), .number(range.upperBound, decimals: 3)])
        + [
          .number(100 * row.mismatch, decimals: 2, signed: true), .integer(row.row.match.count),
        ]
    }
    return table
  }

  private var json: JSONDocument {
    .object([
      ("quantity", .text("milliseconds")), ("target", .number(target)),
      ("batch", .integer(batch)), ("threads", .integer(threads)),
      ("processor", .text(Processor.description)), ("input", .shape(input)),
      ("classes", .integer(classes)),
      (
        "points",
        .list(
          rows.map { row in
            let match = row.row.match
            return .object([
              ("block", .text(row.row.point.block)),
              ("segments", .value(row.row.segments.map(JSON.integer) ?? .null)),
              (match.axis.name, .value(match.width)), ("milliseconds", .number(row.time.median)),
              ("lower", .number(row.time.quartiles.lowerBound)),
              ("upper", .number(row.time.quartiles.upperBound)),
              ("mismatch", .number(row.mismatch)), ("multiplyAdds", .integer(match.count)),
              ("network", .value(match.network.settings)),
            ])
          })
      ),
    ])
  }
}
