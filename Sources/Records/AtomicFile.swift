import Foundation

/// Files that appear whole or not at all.
enum AtomicFile {
  /// Lets `body` fill a temporary file beside `path`, then puts it in place.
  ///
  /// - Throws: what `body` throws, or what the system says; the temporary file is then removed.
  static func write(
    to path: String, _ body: (String) throws(RecordError) -> Void
  ) throws(RecordError) {
    let temporary = "\(path).\(getpid()).part"
    do throws(RecordError) {
      try requireDirectory(of: path)
      try requireReplaceable(path)
      try body(temporary)
      try sync(temporary)
      guard rename(temporary, path) == 0 else {
        throw systemError(path, "cannot be put in place")
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try sync(PathName.folder(of: path))
  }

  /// The words for the system's last error.
  static func systemError(_ path: String, _ rule: String) -> RecordError {
    RecordError(file: path, rule: "\(rule): \(String(cString: strerror(errno)))")
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

  /// Waits until the file, or the directory's list of names, has reached the disk.
  private static func sync(_ path: String) throws(RecordError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw systemError(path, "cannot be synced") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(path, "cannot be synced") }
  }
}
