// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// How a run stands in a results folder: before a sweep begins, or where another process has written
/// its file meanwhile.
public struct RunStanding: Sendable {
  /// Why a run that has a file is made again.
  public enum Reason: Equatable, Sendable {
    case damaged(String)
    case asked
    case failed(String)
    case withoutWeights
  }

  /// What the run's file says; nil where there is none that can be read.
  public var record: RunRecord?
  /// Which file it is.
  public var stamp: String?
  /// Nil where the run is not made again.
  public var reason: Reason?

  /// Whether there is nothing left to do.
  public var isDone: Bool { stamp != nil && reason == nil }

  /// - Parameters:
  ///   - isNamed: whether the user named the run to be made again.
  ///   - remakesFailed: whether all that failed are made again.
  ///   - wantsWeights: whether a finished run must hold its weights.
  /// - Throws: where the run's file may not be read, or is another run's: it is not ours to replace.
  public init(
    of run: PlannedRun, in results: ResultsFolder, isNamed: Bool = false,
    remakesFailed: Bool = false, wantsWeights: Bool
  ) throws(RecordError) {
    let path = results.run(run.id)
    stamp = results.stamp(run.id)
    guard stamp != nil else { return }
    guard access(path, R_OK) == 0 else {
      throw RecordError(file: path, rule: "cannot be read: \(String(cString: strerror(errno)))")
    }
    do throws(RecordError) {
      let record = try RunRecord(contentsOf: path, reading: [])
      try record.checkIdentifier(file: path)
      self.record = record
    } catch {
      // It may be sound: it is not replaced.
      if error.isOfMachine { throw error }
      reason = .damaged(error.description)
      return
    }
    guard let record else { return }
    guard record.id == run.id else {
      let hasOwnFile = results.stamp(record.id) != nil
      throw RecordError(
        file: path,
        rule: hasOwnFile
          ? "holds the run \(record.id), as \(record.id).h5 does: remove it"
          : "holds the run \(record.id): rename it to \(record.id).h5, or remove it")
    }
    if let text = record.failure {
      reason = isNamed || remakesFailed ? .failed(text) : nil
    } else if isNamed {
      reason = .asked
    } else if wantsWeights, !Self.hasWeights(path) {
      reason = .withoutWeights
    }
  }

  /// What is said of a run that is made again; nil where it is not.
  public func note(of run: PlannedRun) -> String? {
    switch reason {
    case .damaged(let fault)?: "\(run.title), whose file is damaged: \(fault)"
    case .asked?: "\(run.title) (\(run.id)), as asked"
    case .failed(let reason)?: "\(run.title) (\(run.id)), which failed: \(reason)"
    case .withoutWeights?: "\(run.title) (\(run.id)), whose file holds no weights"
    case nil: nil
    }
  }

  /// Whether a run file holds weights.
  static func hasWeights(_ path: String) -> Bool {
    guard let file = try? HDF5File(reading: path, mustBeSealed: true) else { return false }
    return file.root.contains("weights")
  }
}
