import Foundation

/// Keeps two processes from doing the same run; ends with the process, however it ends.
struct FileLock {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of a file, which is made where there is none.
  ///
  /// - Returns: nil where another process holds it.
  /// - Throws: where the file cannot be made or locked; `code` is ENOENT where its folder is gone.
  static func attempt(_ path: String) throws(Failure) -> FileLock? {
    while true {
      let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
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
      close(descriptor)
    }
  }

  /// Whether another process holds the lock; nothing is made where there is no such file.
  static func isHeld(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }

  private static func isStillThere(_ descriptor: Int32, _ path: String) -> Bool {
    var (own, other) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
    return own.st_ino == other.st_ino && own.st_dev == other.st_dev
  }

  func release() {
    close(descriptor)
  }

  /// Removes the file while nobody else can hold it, then lets go.
  func remove() {
    unlink(path)
    close(descriptor)
  }

  /// A file that cannot be locked.
  struct Failure: Error, CustomStringConvertible {
    var path: String
    var code: Int32

    var description: String { "\(path): cannot be locked: \(String(cString: strerror(code)))" }
  }
}

/// A sweep that cannot go on.
public struct RunnerError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
