// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Gets one published file into a folder.
public struct Download {
  /// How a file came to be there.
  public enum Outcome: Sendable {
    case fetched
    /// It was there, and whole.
    case present
    /// `progress` asked to stop; what came is kept.
    case stopped
  }

  private let curl: Curl
  private let folder: String
  /// Times that a broken connection is taken up again without a byte of progress.
  private static let patience = 2

  /// - Parameters:
  ///   - folder: the data folder; made where it is not there.
  ///   - searchPath: where to look for curl; the environment's PATH unless told.
  /// - Throws: where curl is missing.
  public init(
    into folder: String,
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(DownloadError) {
    curl = try Curl(searchPath: searchPath)
    self.folder = folder
  }

  /// Where a file goes.
  public func path(of file: PublishedFile) -> String { "\(folder)/\(file.place)" }

  /// Gets the file, unless it is there. What an interrupted download left in `NAME.part` is kept and
  /// gone on with.
  ///
  /// - Parameter progress: told a few times a second of the bytes so far, and of all of them where
  ///   the server says how many; false stops.
  /// - Throws: where the server refuses, the connection keeps breaking, or the checksum is wrong; a
  ///   file of that name with another checksum is left alone.
  public func fetch(
    _ file: PublishedFile, progress: (Int, Int?) -> Bool
  ) throws(DownloadError) -> Outcome {
    let path = path(of: file)
    if FileManager.default.fileExists(atPath: path) {
      let found = try Checksum.md5(ofFile: path)
      guard found == file.md5 else {
        throw DownloadError(
          path,
          "has the MD5 \(found); the published file has \(file.md5); "
            + "move it away to fetch that one")
      }
      return .present
    }
    try makeFolder(of: path)
    let part = "\(path).part"
    let began = Curl.size(part)
    var found = began > 0 ? try Checksum.md5(ofFile: part) : ""
    if found != file.md5 {
      guard try transfer(file, to: part, progress) else { return .stopped }
      found = try Checksum.md5(ofFile: part)
    }
    if found != file.md5, began > 0 {
      // The beginning may have been another file's.
      try remove(part)
      guard try transfer(file, to: part, progress) else { return .stopped }
      found = try Checksum.md5(ofFile: part)
    }
    guard found == file.md5 else {
      try remove(part)
      throw DownloadError(
        file.address,
        "gave a file with the MD5 \(found); the published one has \(file.md5); "
          + "nothing was kept")
    }
    try place(part, at: path)
    return .fetched
  }

  /// Until the server has no more to give, or false where `progress` stops it.
  private func transfer(
    _ file: PublishedFile, to part: String, _ progress: (Int, Int?) -> Bool
  ) throws(DownloadError) -> Bool {
    var patience = Self.patience
    var restarted = false
    while true {
      let before = Curl.size(part)
      switch try curl.fetch(file.address, to: part, progress: progress) {
      case .done: return true
      case .stopped: return false
      case .cannotResume where !restarted:
        restarted = true
        try remove(part)
      case .cannotResume:
        throw DownloadError(file.address, "does not give the file from its beginning")
      case .brokeOff(let reason):
        if Curl.size(part) > before { patience = Self.patience + 1 }
        patience -= 1
        guard patience > 0 else {
          throw DownloadError(
            file.address,
            "broke off (\(reason)); \(part) holds \(Curl.size(part)) bytes, "
              + "and the same command goes on from there")
        }
      case .failed(let reason):
        throw DownloadError(file.address, "cannot be fetched (\(reason))")
      }
    }
  }

  private func makeFolder(of path: String) throws(DownloadError) {
    let parent = (path as NSString).deletingLastPathComponent
    do {
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true)
    } catch {
      throw DownloadError(parent, "cannot be made: \(error.localizedDescription)")
    }
    guard access(parent, W_OK) == 0 else {
      throw DownloadError(
        parent, "cannot be written into: \(String(cString: strerror(errno)))")
    }
  }

  private func remove(_ path: String) throws(DownloadError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw DownloadError(path, "cannot be removed: \(String(cString: strerror(errno)))")
    }
  }

  private func place(_ part: String, at path: String) throws(DownloadError) {
    guard rename(part, path) == 0 else {
      throw DownloadError(path, "cannot be put in place: \(String(cString: strerror(errno)))")
    }
  }
}
