// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Puts a file of these bytes in place, synced to the disk.
  ///
  /// - Throws: what the system says; what was at the path stays there.
  public static func write(_ data: Data, to path: String) throws(RecordError) {
    try write(to: path) { (file) throws(RecordError) in try file.append(data) }
  }

  /// As `write(_:to:)`, where the bytes come one piece after the other from somebody who writes to a
  /// file descriptor.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - body: gets the open descriptor, which it must not close.
  /// - Throws: what `body` throws, or what the system says.
  public static func write(
    to path: String, through body: (Int32) throws(RecordError) -> Void
  ) throws(RecordError) {
    try write(to: path) { (file) throws(RecordError) in try body(file.descriptor) }
  }

  /// Lets `body` fill a new file beside `path`, then puts it in place.
  ///
  /// - Throws: what `body` throws, or what the system says; the new file is then removed.
  static func write(
    to path: String, _ body: (NewFile) throws(RecordError) -> Void
  ) throws(RecordError) {
    let temporary = StaleFiles.partName(of: path)
    try requireDirectory(of: path)
    try requireReplaceable(path)
    let file = try NewFile(temporary, for: path)
    do throws(RecordError) {
      do throws(RecordError) {
        try body(file)
      } catch {
        file.abandon()
        throw error
      }
      try file.finish()
      guard rename(temporary, path) == 0 else {
        throw systemError(path, "cannot be put in place")
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try syncFolder(of: path)
  }

  /// The words for the system's last error.
  static func systemError(_ path: String, _ rule: String) -> RecordError {
    let code = errno
    return RecordError(file: path, rule: "\(rule): \(SystemReason.text(of: code))", code: code)
  }

  /// Waits until the disk has the list of names of the folder that a path lies in.
  public static func syncFolder(of path: String) throws(RecordError) {
    let folder = PathName.folder(of: path)
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(folder, "cannot be synced") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(folder, "cannot be synced") }
  }

  /// Makes a folder, and those that it lies in, where there is none.
  static func makeFolder(_ path: String) throws(RecordError) {
    if mkdir(path, 0o777) != 0 {
      if errno == EEXIST { return }
      let parent = PathName.folder(of: path)
      guard errno == ENOENT, parent != path, parent != "." else {
        throw systemError(path, "cannot be made")
      }
      try makeFolder(parent)
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw systemError(path, "cannot be made")
      }
    }
    try syncFolder(of: path)
  }

  private static func requireDirectory(of path: String) throws(RecordError) {
    guard access(PathName.folder(of: path), W_OK) == 0 else {
      throw systemError(path, "cannot be written into its directory")
    }
  }

  /// Devices, folders and pipes are not replaced by a file.
  private static func requireReplaceable(_ path: String) throws(RecordError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    throw RecordError(file: path, rule: "is no file and will not be replaced by one")
  }
}

/// A file that is being written.
struct NewFile {
  /// What errors call it: the path that it is for.
  private let path: String
  fileprivate let descriptor: Int32

  fileprivate init(_ temporary: String, for path: String) throws(RecordError) {
    self.path = path
    // A server that does not answer at once may be interrupted by a signal.
    var opened: Int32
    repeat {
      opened = open(temporary, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o666)
    } while opened < 0 && errno == EINTR
    descriptor = opened
    guard descriptor >= 0 else { throw AtomicFile.systemError(path, "cannot be created") }
    // Who tidies up sees that somebody writes it, on whatever machine; not where there are no locks.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
  }

  /// - Throws: where not all of the bytes can be written.
  func append(_ bytes: some ContiguousBytes) throws(RecordError) {
    let isWhole = bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      var done = 0
      while done < bytes.count {
        // The system takes no more than 2 GB at once.
        let count = Foundation.write(descriptor, start + done, min(1 << 30, bytes.count - done))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
    guard isWhole else { throw AtomicFile.systemError(path, "cannot be written") }
  }

  /// Waits until the disk has it; some systems say only at the end that they had no room.
  fileprivate func finish() throws(RecordError) {
    guard fsync(descriptor) == 0 else {
      let error = AtomicFile.systemError(path, "cannot be synced")
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw AtomicFile.systemError(path, "cannot be written") }
  }

  fileprivate func abandon() { close(descriptor) }
}
