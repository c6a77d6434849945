// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Keeps two processes from doing the same run; ends with the process, however it ends.
struct FileLock {
  private let path: String
  /// Nil for a lock that keeps nobody out.
  private let descriptor: Int32?

  /// For file systems that have no locks.
  static let none = FileLock(path: "", descriptor: nil)

  /// Takes the lock of a file, which is made where there is none.
  ///
  /// - Returns: nil where another process holds it.
  /// - Throws: where the file cannot be made or locked; `code` is ENOENT where its folder is gone.
  static func attempt(_ path: String) throws(Failure) -> FileLock? {
    while true {
      let descriptor = opened(path, O_CREAT)
      guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EINTR { continue }
        guard code == EWOULDBLOCK else { throw Failure(path: path, code: code) }
        return nil
      }
      // Who held it may have removed the file between the two calls; others lock another one then.
      if isStillThere(descriptor, path) { return FileLock(path: path, descriptor: descriptor) }
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
  }

  /// Whether another process holds the lock; nothing is made where there is no such file.
  static func isHeld(_ path: String) -> Bool {
    let descriptor = opened(path, 0)
    guard descriptor >= 0 else { return false }
    // A close that fails may leave the lock behind.
    defer {
      flock(descriptor, LOCK_UN)
      close(descriptor)
    }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The file of another user who shares the folder may be locked by whoever may read it.
  private static func opened(_ path: String, _ creation: Int32) -> Int32 {
    let descriptor = open(path, creation | O_RDWR | O_CLOEXEC, 0o666)
    guard descriptor < 0, errno == EACCES else { return descriptor }
    let readable = open(path, O_RDONLY | O_CLOEXEC)
    // Where there is no such file, it could not be made.
    if readable < 0, errno == ENOENT, creation != 0 { errno = EACCES }
    return readable
  }

  private static func isStillThere(_ descriptor: Int32, _ path: String) -> Bool {
    var (own, other) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
    return own.st_ino == other.st_ino && own.st_dev == other.st_dev
  }

  /// Lets go, whether or not the file can be closed.
  ///
  /// - Returns: what went wrong, by which nothing is lost; nil where nothing did.
  @discardableResult
  func release() -> Failure? {
    guard let descriptor else { return nil }
    flock(descriptor, LOCK_UN)
    return close(descriptor) == 0 ? nil : Failure(path: path, code: errno, rule: "cannot be closed")
  }

  /// Removes the file while nobody else can hold it, then lets go; returns as `release`.
  @discardableResult
  func remove() -> Failure? {
    guard descriptor != nil else { return nil }
    let isGone = unlink(path) == 0 || errno == ENOENT
    let failure = isGone ? nil : Failure(path: path, code: errno, rule: "cannot be removed")
    return release() ?? failure
  }

  /// A file that cannot be locked.
  struct Failure: Error, CustomStringConvertible {
    var path: String
    var code: Int32
    var rule = "cannot be locked"

    var description: String { "\(path): \(rule): \(String(cString: strerror(code)))" }
  }
}

/// A sweep that cannot go on.
public struct RunnerError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
