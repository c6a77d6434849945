// SPDX-License-Identifier: Apache-2.0

/// Paths as texts. Foundation's `deletingLastPathComponent` of a text crashes on Linux where the path is
/// a single character.
public enum PathName {
  /// The folder that a path lies in: `.` for a bare name, `/` for what lies at the top.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
