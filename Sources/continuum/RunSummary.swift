// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Records
import Tables

/// A single run for whoever made it: its network and data, how well it does, where its files are.
struct RunSummary {
  let run: PlannedRun
  let record: RunRecord
  private let file: String

  init(_ run: PlannedRun, _ record: RunRecord, in results: ResultsFolder) {
    (self.run, self.record) = (run, record)
    file = results.run(run.id)
  }

  /// - Parameters:
  ///   - curves: the pictures that were drawn.
  ///   - next: command lines for the user to go on with.
  func text(curves: [String], next: [String]) -> String {
    var table = TextTable(["", ""])
    table.rows = (facts + scores + [("run file", file)] + curves.prefix(1).map { ("curves", $0) })
      .map { [.text($0.0), .text($0.1)] }
    // The heading is empty, and so is the rule under it.
    let lines = table.rendered(as: .text).split(separator: "\n")
      .filter { $0.contains { $0 != " " && $0 != "-" && $0 != "─" } }
    let commands = next.isEmpty ? "" : "\nnext:\n" + next.map { "  \($0)\n" }.joined()
    return lines.map { "\($0)\n" }.joined() + commands
  }

  private var facts: [(String, String)] {
    let (cost, size) = (record.cost, run.data.imageSize)
    let network = run.network.key
    let data = run.data
    let validated = data.validatedImageCount
    let images =
      "\(Words.count(data.trainedImageCount, "image")) to train on"
      + (validated > 0 ? ", \(NumberText.grouped(validated)) to validate" : "")
      + ", \(NumberText.grouped(data.testedImageCount)) to test"
    let batches = data.trainedImageCount / run.training.batch
    return [
      ("network", run.point.isEmpty ? network : "\(network): \(run.point)"),
      (
        "parameters",
        "\(NumberText.grouped(cost.trainableParameters)) trainable, "
          + "\(NumberText.grouped(cost.nonTrainableParameters)) others"
      ),
      ("multiply-adds", "\(NumberText.grouped(cost.multiplyAdds)) an image"),
      ("data", "\(data.kind): \(images)"),
      (
        "images", "\(size.height)×\(size.width)×\(size.channels), \(data.classCount) classes"
      ),
      (
        "training",
        "\(Words.count(run.training.epochs, "epoch")) of \(Words.count(batches, "step")) of "
          + "\(Words.count(run.training.batch, "image")), seed \(run.seed)"
      ),
    ]
  }

  /// One line for each set that the run was measured on.
  private var scores: [(String, String)] {
    if case .failed(let reason) = record.status { return [("failed", reason)] }
    return ["train", "validation", "test"].compactMap { set in
      func last(_ name: String) -> Double? {
        record.metrics["\(set)/\(name)"] ?? record.curves["\(set)/\(name)"]?.last
      }
      let shares = [("top1", "top-1"), ("top5", "top-5")].compactMap { key, words in
        last(key).map { "\(words) \(NumberText.fixed(100 * $0, decimals: 2)) %" }
      }
      let loss = last("loss").map { ["loss \(Words.loss($0))"] } ?? []
      guard !(shares + loss).isEmpty else { return nil }
      let best = set == "test" ? record.facts["bestPossibleAccuracy"] : nil
      let bound = best.map { ["best possible \(NumberText.fixed(100 * $0, decimals: 2)) %"] } ?? []
      return (set, (shares + loss + bound).joined(separator: ", "))
    }
  }
}
