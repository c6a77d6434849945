// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Records
import Weights

/// A finished run made again from its configuration, in a folder of its own that is gone afterwards.
public struct RunRepetition {
  public enum Outcome: Equatable, Sendable {
    /// Every curve, metric, fact, prediction and weight that the file holds.
    case same
    /// In what it differs.
    case other(String)
    case interrupted
  }

  private let old: RunRecord
  private let run: PlannedRun

  /// - Parameter file: the finished run.
  public init(of file: String, as run: PlannedRun) throws(RecordError) {
    old = try RunRecord(contentsOf: file)
    self.run = run
  }

  /// Why a run's bits cannot be had here, whatever the program: kernels of another level, or of other
  /// libraries, round otherwise. Nil where they must be the same.
  public static func hindrance(to record: RunRecord) -> String? {
    let sessions = record.provenance.sessions
    guard !sessions.isEmpty else {
      let (own, other) = (
        "\(Processor.description), \(Processor.coreName)",
        "\(record.provenance.processor), \(record.provenance.blasKernels)"
      )
      return own == other ? nil : "made on \(other), and here is \(own)"
    }
    for session in sessions {
      let pairs = [
        ("kernels", session.level, Processor.level),
        ("OpenBLAS kernels", session.blasKernels, Processor.coreName),
        ("OpenBLAS", session.libraries["OpenBLAS"] ?? "", Processor.openBLASVersion),
        (
          "C library", session.libraries["C library"] ?? "", Provenance.libraries["C library"] ?? ""
        ),
      ]
      if let (name, before, here) = pairs.first(where: { $0.1 != $0.2 }) {
        return "made with \(name) \(before), and here is \(here)"
      }
    }
    return nil
  }

  /// Trains anew and compares, bit for bit.
  ///
  /// - Parameter report: as `RunExecution` has it.
  /// - Throws: where the run cannot begin, or its files cannot be written.
  public func perform(
    threads: Int, data directory: String?, weightReading: WeightFile.Reading,
    report: (RunEvent) -> Bool
  ) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("continuum-verify-\(getpid())-\(run.id)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let results = ResultsFolder(path: folder.path)
    try results.make()
    let execution = RunExecution(
      experiment: old.experiment, results: results, threads: threads,
      checkpointInterval: 86_400, keepsWeights: !old.weights.isEmpty,
      weightReading: weightReading)
    let data = try LoadedData(run.data, directory: directory)
    switch try execution.execute(run, data: data, report: report) {
    case .finished, .failed, .remade, .found: break
    case .interrupted, .busy: return .interrupted
    }
    let new = try RunRecord(contentsOf: results.run(run.id))
    return old.difference(from: new).map { .other($0) } ?? .same
  }
}

extension RunRecord {
  /// In what another record of the same run says something else, provenance aside; nil where it says
  /// all that this one says, bit for bit. What it says beside that, as a later version may, is no
  /// difference.
  func difference(from new: RunRecord) -> String? {
    if let reason = new.failure, failure != reason { return "it fails now: \(reason)" }
    if let data, let other = new.data, data != other { return "its data are others" }
    for (name, values) in curves.sorted(by: { $0.key < $1.key }) {
      let now = new.curves[name] ?? []
      let first = zip(values, now).enumerated().first { $1.0.bitPattern != $1.1.bitPattern }
      if let (place, (before, after)) = first {
        return "value \(place + 1) of the curve \(name) was \(before) and is \(after)"
      }
      guard now.count == values.count else {
        return "the curve \(name) had \(values.count) values and has \(now.count)"
      }
    }
    for (old, now) in [(metrics, new.metrics), (facts, new.facts)] {
      for (name, value) in old.sorted(by: { $0.key < $1.key })
      where value.bitPattern != now[name]?.bitPattern {
        return "\(name) was \(value) and is \(now[name].map { "\($0)" } ?? "no more")"
      }
    }
    if let predictions, predictions != new.predictions {
      let other = zip(predictions.predicted, new.predictions?.predicted ?? []).count { $0 != $1 }
      return "\(other) of \(predictions.predicted.count) predictions are others"
    }
    let weight = weights.first { tensor in !new.weights.contains { $0.isSame(as: tensor) } }
    return weight.map { "the weights \($0.path) are others" }
  }
}

extension NamedTensor {
  fileprivate func isSame(as other: NamedTensor) -> Bool {
    path == other.path && shape == other.shape
      && values.map(\.bitPattern) == other.values.map(\.bitPattern)
  }
}
