// SPDX-License-Identifier: Apache-2.0

import Foundation
import Statistics

/// Prints how far the analysis keeps its promises, case by case.
@main enum Calibrate {
  /// Fitted to Results/cifar10-continuum; the README says how.
  static let fitted = SweepModel(
    accuracies: [0.8144], difficulty: 0.8470, taste: 0.0170, luck: 0.000317)

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let sweeps = arguments.first.flatMap { Int($0) } ?? 2000
    let model =
      try arguments.dropFirst().first.flatMap { $0 == "-" ? nil : try fit(to: $0) } ?? fitted
    print(
      "| arms | seeds | luck | Dunnett's error | Tukey's error | coverage | unpooled "
        + "| detectable | power |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    var seed: UInt = 0
    let chosen = arguments.dropFirst(2).first.flatMap { Int($0) }
    for arms in [5, 13] {
      for luck in [0, model.luck] {
        for seeds in [3, 5, 8] {
          seed += 2
          guard chosen == nil || chosen == arms else { continue }
          var used = model
          used.luck = luck
          let result = Calibration(
            used, arms: arms, seeds: seeds, images: 10_000, sweeps: sweeps, seed: seed)
          report(result, arms: arms, seeds: seeds, luck: luck)
        }
      }
    }
  }

  private static func report(_ result: Calibration, arms: Int, seeds: Int, luck: Double) {
    func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
    let cells = [
      "\(arms)", "\(seeds)", luck == 0 ? "none" : "fitted", percent(result.familyWiseError),
      percent(result.familyWiseErrorOfPairs), percent(result.coverage),
      percent(result.coverageUnpooled), String(format: "%.2f points", 100 * result.detectable),
      percent(result.power),
    ]
    print("| " + cells.joined(separator: " | ") + " |")
    fflush(nil)
  }

  private static func fit(to path: String) throws -> SweepModel {
    var arms: [String: [[Bool]]] = [:]
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count == 3 else { continue }
      arms[String(fields[0]), default: []].append(fields[2].utf8.map { $0 == UInt8(ascii: "1") })
    }
    let answers = try arms.sorted { $0.key < $1.key }.map { try CorrectAnswers($0.value) }
    var model = try SweepModel(fittedTo: answers)
    print(
      "fitted: \(model)\n\(VarianceComponents(try CrossedAnalysis(answers)).map { "\($0)" } ?? "")")
    model.accuracies = [model.accuracies.reduce(0, +) / Double(model.accuracies.count)]
    print("Model for calibration: \(model)\n")
    return model
  }
}
