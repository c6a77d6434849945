// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings

/// Where an experiment's files lie. Any number of sweeps may share one.
public struct ResultsFolder: Sendable {
  public let path: String
  /// False where the file system has no locks: then one sweep alone may use the folder.
  public let usesLocks: Bool

  public init(path: String, usesLocks: Bool = true) {
    self.path = path
    self.usesLocks = usesLocks
  }

  /// Finished and failed runs.
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
    // What a disk that fails does not tell is not taken for its absence.
    access(checkpoint(id), F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno)
  }

  /// Why the run cannot go on from its checkpoint; nil where it can, or there is none.
  ///
  /// Cost: the file is read once from end to end.
  public func checkpointFault(_ id: String) -> String? {
    guard isBegun(id) else { return nil }
    do throws(RecordError) {
      _ = try Checkpoint.dataDigest(inFile: checkpoint(id))
      return nil
    } catch {
      return error.description
    }
  }

  /// Which file a run has: another one after it was made again. Nil where it has none.
  public func stamp(_ id: String) -> String? {
    var status = stat()
    guard stat(run(id), &status) == 0 else { return nil }
    let time = status.st_mtim
    return "\(status.st_ino)-\(time.tv_sec)-\(time.tv_nsec)-\(status.st_size)"
  }

  /// Makes the folders, where they are not there yet, and sees whether their files can be locked.
  ///
  /// - Throws: the folder that cannot be made or written into, and why.
  public func make() throws(SettingsError) {
    for folder in [runs, checkpoints] {
      try Self.make(folder)
      // Another sweep may have tidied up the empty folder of checkpoints just now.
      guard access(folder, W_OK) == 0 || (folder == checkpoints && errno == ENOENT) else {
        throw Self.fault(folder, "cannot be written into", errno)
      }
    }
    try checkLocks()
  }

  /// Better once, before anything begins, than for every run.
  private func checkLocks() throws(SettingsError) {
    guard usesLocks else { return }
    let file = "\(runs)/.\(getpid()).lock"
    defer { unlink(file) }
    do throws(FileLock.Failure) {
      try FileLock.attempt(file)?.release()
    } catch {
      guard [ENOLCK, ENOSYS, EOPNOTSUPP, EBADF].contains(error.code) else {
        throw Self.fault(runs, "cannot be written into", error.code)
      }
      throw Self.fault(
        path,
        "its files cannot be locked, so that two commands could do the same run at once; name a "
          + "folder on another disk with --results, or say --no-locks and use the folder with one "
          + "command at a time", error.code)
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
      // Where this fails, so will the writing of the first file, which says so.
      if reason == 0 { try? AtomicFile.syncFolder(of: path) }
      var status = stat()
      if reason == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
        throw fault(path, "cannot hold results", ENOTDIR)
      }
      path += "/"
    }
  }

  private static func fault(_ path: String, _ rule: String, _ reason: Int32) -> SettingsError {
    SettingsError(
      source: path, field: "", value: "", rule: "\(rule): \(String(cString: strerror(reason)))")
  }
}

// MARK: While others use it, too

extension ResultsFolder {
  /// The run's lock; nil where another process does the run.
  ///
  /// The folder of checkpoints is made as often as another sweep removes it for being empty; the
  /// others are not, for a results folder that is gone was taken away with all its runs.
  func lock(of id: String) throws -> FileLock? {
    guard usesLocks else {
      try makeCheckpoints()
      return FileLock.none
    }
    while true {
      do throws(FileLock.Failure) {
        return try FileLock.attempt(lock(id))
      } catch {
        guard error.code == ENOENT else { throw error }
      }
      try makeCheckpoints()
    }
  }

  /// Makes the folder of checkpoints in a results folder that is there.
  func makeCheckpoints() throws {
    guard access(runs, F_OK) == 0 else {
      throw RunnerError("\(runs) is gone: it was removed or renamed while the runs went on")
    }
    guard mkdir(checkpoints, 0o777) == 0 || errno == EEXIST else {
      throw Self.fault(checkpoints, "cannot be made to hold checkpoints", errno)
    }
  }

  /// Removes what dead processes left in the folder and those below it, and the folder of checkpoints
  /// once it is empty.
  ///
  /// Each file goes under its run's lock, the folder only where nothing is in it: whatever another
  /// sweep does meanwhile stays.
  public func tidy() {
    let weights = Self.names(in: "\(path)/weights").map { "\(path)/weights/\($0)" }
    for folder in [path, runs, checkpoints, "\(path)/experiments"] + weights {
      StaleFiles.remove(in: folder)
    }
    let parts = [runs, checkpoints].flatMap { folder in
      Self.names(in: folder).filter { $0.hasSuffix(".part") }.map { "\(folder)/\($0)" }
    }
    let locks = Self.names(in: checkpoints).filter { $0.hasSuffix(".lock") }
      .map { "\(checkpoints)/\($0)" }
    func id(_ path: String) -> String {
      String(path.dropFirst(PathName.folder(of: path).count + 1).prefix { $0 != "." })
    }
    for (id, files) in Dictionary(grouping: parts + locks, by: id) {
      guard let lock = try? lock(of: id) else { continue }
      for file in files where file.hasSuffix(".part") { unlink(file) }
      lock.remove()
    }
    rmdir(checkpoints)
  }

  private static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }
}
