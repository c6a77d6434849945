// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

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
  private let pauses: Pauses
  private let note: (String) -> Void

  /// - Parameters:
  ///   - folder: the data folder; made where it is not there.
  ///   - searchPath: where to look for curl; the environment's PATH unless told.
  ///   - note: told why and how long is waited before another try.
  /// - Throws: where curl is missing.
  public init(
    into folder: String,
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"],
    note: @escaping (String) -> Void = { _ in }
  ) throws(DownloadError) {
    try self.init(into: folder, searchPath: searchPath, pauses: Pauses(), note: note)
  }

  init(
    into folder: String, searchPath: String?, pauses: Pauses, note: @escaping (String) -> Void
  ) throws(DownloadError) {
    curl = try Curl(searchPath: searchPath)
    self.folder = folder
    self.pauses = pauses
    self.note = note
  }

  /// Where a file goes.
  public func path(of file: PublishedFile) -> String { "\(folder)/\(file.place)" }

  /// Gets the file, unless it is there. What an interrupted download left in `NAME.part` is kept and
  /// gone on with.
  ///
  /// - Parameter progress: told a few times a second of the bytes so far, and of all of them where
  ///   the server says how many; false stops.
  /// - Throws: where the server refuses or stays busy, the connection keeps breaking, or the checksum is
  ///   wrong; a file of that name with another checksum is left alone.
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
      let words = self.found(part, found)
      try remove(part)
      throw DownloadError(
        file.address, "\(words); the published one has the MD5 \(file.md5); nothing was kept")
    }
    try place(part, at: path)
    return .fetched
  }

  /// Until the server has no more to give, or false where `progress` stops it.
  private func transfer(
    _ file: PublishedFile, to part: String, _ progress: (Int, Int?) -> Bool
  ) throws(DownloadError) -> Bool {
    var failures = 0
    var restarted = false
    while true {
      let before = Curl.size(part)
      var retryAfter: Double?
      let reason: String
      switch try curl.fetch(file.address, to: part, progress: progress) {
      case .done: return true
      case .stopped: return false
      case .cannotResume where !restarted:
        restarted = true
        try remove(part)
        continue
      case .cannotResume:
        throw DownloadError(file.address, "does not give the file from its beginning")
      case .brokeOff(let text): reason = "broke off (\(text))"
      case .busy(let status, let seconds):
        reason = "is busy (HTTP \(status)\(Self.wish(seconds)))"
        retryAfter = seconds
      case .failed(let reason):
        throw DownloadError(file.address, "cannot be fetched (\(reason))")
      }
      failures = Curl.size(part) > before ? 1 : failures + 1
      guard let seconds = pauses.seconds(after: failures, retryAfter: retryAfter) else {
        throw DownloadError(
          file.address,
          "\(reason); \(part) holds \(Curl.size(part)) bytes, "
            + "and the same command goes on from there")
      }
      note("\(file.address) \(reason); tried again in \(Self.words(seconds))")
      guard pause(seconds, { progress(Curl.size(part), nil) }) else { return false }
    }
  }

  /// Waits; false where `goesOn`, asked ten times a second, says so.
  private func pause(_ seconds: Double, _ goesOn: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      guard goesOn() else { return false }
      Thread.sleep(forTimeInterval: min(0.1, seconds))
    }
    return true
  }

  private static func wish(_ seconds: Double?) -> String {
    seconds.map { ", which asks for \(words($0))" } ?? ""
  }

  private static func words(_ seconds: Double) -> String { "\(Int(seconds.rounded(.up))) s" }

  /// What came in place of the file.
  private func found(_ part: String, _ checksum: String) -> String {
    let start = try? FileHandle(forReadingAtPath: part)?.read(upToCount: MistakenFile.byteCount)
    let mistaken = start.flatMap { MistakenFile.description(of: $0) }
    return mistaken.map { "gave what \($0)" } ?? "gave a file with the MD5 \(checksum)"
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
