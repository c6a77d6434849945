import Foundation
import Settings

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

  /// Makes the folders, where they are not there yet.
  ///
  /// - Throws: the folder that cannot be made or written into, and why.
  public func make() throws(SettingsError) {
    for folder in [runs, checkpoints] {
      try Self.make(folder)
      guard access(folder, W_OK) == 0 else {
        throw Self.fault(folder, "cannot be written into", errno)
      }
    }
  }

  private static func make(_ folder: String) throws(SettingsError) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      path += part
      let reason = mkdir(path, 0o777) == 0 ? 0 : errno
      guard reason == 0 || reason == EEXIST else {
        throw fault(path, "cannot be made to hold results", reason)
      }
      var isFolder = ObjCBool(false)
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard isFolder.boolValue else { throw fault(path, "cannot hold results", ENOTDIR) }
      path += "/"
    }
  }

  private static func fault(_ path: String, _ rule: String, _ reason: Int32) -> SettingsError {
    SettingsError(
      source: path, field: "", value: "", rule: "\(rule): \(String(cString: strerror(reason)))")
  }

  /// Removes the folder of checkpoints where nothing is left in it but locks that nobody holds.
  public func removeEmptyCheckpoints() {
    let left = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    guard left.allSatisfy({ $0.hasSuffix(".lock") && FileLock.isFree("\(checkpoints)/\($0)") })
    else { return }
    try? FileManager.default.removeItem(atPath: checkpoints)
  }
}
