import Foundation

/// Where an experiment's files lie.
public struct ResultsFolder: Sendable {
  public let path: String

  public init(path: String) {
    self.path = path
  }

  /// Finished and failed runs; never written twice.
  public var runs: String { "\(path)/runs" }
  /// The states of unfinished runs.
  public var checkpoints: String { "\(path)/checkpoints" }

  public func run(_ id: String) -> String { "\(runs)/\(id).h5" }
  func checkpoint(_ id: String) -> String { "\(checkpoints)/\(id).h5" }
  func lock(_ id: String) -> String { "\(checkpoints)/\(id).lock" }

  /// Whether the run has ended, well or not.
  public func isDone(_ id: String) -> Bool { FileManager.default.fileExists(atPath: run(id)) }

  /// Whether the run has begun and can go on.
  public func isBegun(_ id: String) -> Bool {
    FileManager.default.fileExists(atPath: checkpoint(id))
  }

  /// Makes the folders.
  public func make() throws {
    for folder in [runs, checkpoints] {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    }
  }

  /// Removes the folder of checkpoints where nothing is left in it but locks.
  public func removeEmptyCheckpoints() {
    let left = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    guard left.allSatisfy({ $0.hasSuffix(".lock") }) else { return }
    try? FileManager.default.removeItem(atPath: checkpoints)
  }
}
