import Foundation
import Records

/// How a run stands in a results folder before a sweep begins.
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
    of run: PlannedRun, in results: ResultsFolder, isNamed: Bool, remakesFailed: Bool,
    wantsWeights: Bool
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

  /// Whether a run file holds weights.
  static func hasWeights(_ path: String) -> Bool {
    guard let file = try? HDF5File(reading: path) else { return false }
    return file.root.contains("weights")
  }
}
