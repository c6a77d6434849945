// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What processes leave behind that are killed while they write: `NAME.PID.part`, and `.PID.lock` of a
/// trial lock.
public enum StaleFiles {
  /// What a file is called that this process writes, until it is whole.
  static func partName(of path: String) -> String { "\(path).\(getpid()).part" }

  /// Removes the files of dead processes in a folder, not in those below it.
  ///
  /// A file stays that a process holds locked, on whatever machine, and one whose process still is
  /// alive here. What cannot be removed stays, too: it harms nobody.
  public static func remove(in folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names {
      guard let process = process(ofFile: name), isDead(process) else { continue }
      let path = "\(folder)/\(name)"
      let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      guard file >= 0 else { continue }
      let isHeld = flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      if !isHeld { unlink(path) }
      flock(file, LOCK_UN)
      close(file)
    }
  }

  /// Removes the files of dead processes in the folder that a path lies in.
  public static func remove(besides path: String) { remove(in: PathName.folder(of: path)) }

  /// Who made a file, by its name; nil of any other file.
  private static func process(ofFile name: String) -> pid_t? {
    if let match = name.wholeMatch(of: #/.+\.(\d{1,9})\.part/#) { return pid_t(match.1) }
    return name.wholeMatch(of: #/\.(\d{1,9})\.lock/#).flatMap { pid_t($0.1) }
  }

  private static func isDead(_ process: pid_t) -> Bool {
    process > 0 && kill(process, 0) != 0 && errno == ESRCH
  }
}
