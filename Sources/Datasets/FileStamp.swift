// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures

/// What tells, without reading it, that a file is the one of before: where it lies on the disk, its
/// size, and when its contents and its entry last changed.
struct FileStamp: Hashable, Sendable {
  let text: String
  /// When its entry last changed, in seconds since 1970.
  let changed: Int

  /// Nil where the file cannot be looked at.
  init?(_ path: String) {
    var status = stat()
    guard stat(FileName.bytes(of: path), &status) == 0 else { return nil }
    #if canImport(Darwin)
      let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
    #else
      let (modified, changed) = (status.st_mtim, status.st_ctim)
    #endif
    text = """
      \(status.st_dev) \(status.st_ino) \(status.st_size) \
      \(modified.tv_sec).\(modified.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec)
      """
    self.changed = changed.tv_sec
  }
}
