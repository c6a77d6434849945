// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Records
import Reports
import Settings
import Tables
import Weights

/// Regular convolutions that were trained on `coupling` images, whose λ is known: what the meter
/// reads on them tells which λ another kernel reads like.
struct CouplingCalibration {
  let curve: CouplingCurve
  /// Runs whose kernels were read.
  let count: Int
  /// Files that could not be read, a sentence each.
  let damaged: [String]

  /// What may differ between the runs of one curve: the coupling itself, and which textures have it.
  private static let free: Set = ["data.lambda", "data.groupWidth", "data.seed"]

  /// Reads the runs of a results folder that are of regular convolutions on `coupling` and kept
  /// their weights.
  ///
  /// - Parameter conditions: as for `table --where`.
  /// - Throws: where there are none, or of one λ only, or they differ in more than that.
  init(
    results: String, where conditions: [String], _ nulls: inout NullReadings,
    progress: (Double) -> Void
  ) throws {
    let all = try RunCollection(folders: [results])
    damaged = all.damaged.map(\.description)
    let known = try Self.runs(of: all, where: conditions)
    let kept = try known.filter { run, _, path in
      try !RunRecord(contentsOf: path, reading: .weights).weights.isEmpty
    }
    try Self.checkAlike(kept.map(\.run), results)
    var samples: [(lambda: Double, reading: Double)] = []
    for (position, (_, lambda, path)) in kept.enumerated() {
      progress(Double(position) / Double(kept.count))
      let rows = try DecouplingRow.rows(of: try WeightFile(path, reading: .child), &nulls) { _ in }
      samples += rows.map { (lambda, $0.excess) }
    }
    guard let curve = CouplingCurve(samples) else {
      throw CommandError.refused(
        "\(results) cannot calibrate: it needs finished runs of regular-conv on coupling that kept "
          + "their weights, of two λ at least; \(known.count) of its runs are of that kind, and "
          + "\(kept.count) of these kept weights")
    }
    (self.curve, count) = (curve, kept.count)
  }

  /// The finished runs of regular convolutions on `coupling`, with the λ and the file of each.
  private static func runs(
    of all: RunCollection, where conditions: [String]
  ) throws -> [(run: RunRecord, lambda: Double, path: String)] {
    var query = ResultQuery()
    query.conditions = conditions
    query.against = "none"
    return try ResultTable(all, query: query).points.flatMap(\.finished).compactMap { run in
      guard let lambda = lambda(of: run), let path = all.file(of: run.id) else { return nil }
      return (run, lambda, path)
    }
  }

  /// Kernels that were trained for another time, or are of another width, are not of one curve.
  private static func checkAlike(_ runs: [RunRecord], _ results: String) throws {
    guard !runs.isEmpty else { return }
    let differing = try ResultTable(records: runs).varyingSettings.filter { !free.contains($0) }
    guard !differing.isEmpty else { return }
    throw CommandError.refused(
      "\(results) cannot calibrate: its regular convolutions differ in "
        + "\(differing.joined(separator: ", ")); --where KEY=VALUE takes those of one value")
  }

  /// Nil where a run is not of a regular convolution on `coupling`.
  private static func lambda(of run: RunRecord) -> Double? {
    guard let settings = try? JSON(text: run.configuration, source: run.id),
      settings["data.kind"] == "coupling", settings["network.block.kind"] == "regular-conv"
    else { return nil }
    return settings["data.lambda"]?.numberValue
  }

  /// The curve, one row a λ.
  var table: TextTable {
    var table = TextTable([
      "λ", "kernels", "above null", "± between kernels", "curve", "a further kernel reads",
    ])
    table.rows = curve.levels.map { level in
      [
        .number(level.lambda, decimals: 2), .integer(level.count), .number(level.mean, decimals: 3),
        level.deviation.map { .number($0, decimals: 3) } ?? .empty,
        .number(level.fitted, decimals: 3),
        level.prediction().map { .written(DecouplingTable.text($0, decimals: 3)) } ?? .empty,
      ]
    }
    return table
  }

  /// The curve for programs.
  var data: TextTable {
    var table = TextTable([
      "lambda", "kernels", "aboveNull", "deviation", "curve", "lower", "upper",
    ])
    table.rows = curve.levels.map { level in
      let band = level.prediction()
      return [.number(level.lambda, decimals: 6), .integer(level.count)]
        + [level.mean, level.deviation, level.fitted, band?.lowerBound, band?.upperBound]
        .map { $0.map { .number($0, decimals: 6) } ?? .empty }
    }
    return table
  }

  var json: JSONDocument {
    .list(
      curve.levels.map { level in
        let band = level.prediction()
        let numbers = [
          ("lambda", level.lambda), ("aboveNull", level.mean), ("deviation", level.deviation),
          ("curve", level.fitted), ("lower", band?.lowerBound), ("upper", band?.upperBound),
        ]
        return .object(
          [("kernels", .integer(level.count))]
            + numbers.map { ($0, $1.map(JSONDocument.number) ?? .value(.null)) })
      })
  }
}
