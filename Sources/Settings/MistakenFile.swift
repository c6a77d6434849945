// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What often lies where another file should.
public enum MistakenFile {
  /// How many of a file's first bytes tell.
  public static let byteCount = 512

  /// What a file is that begins with these bytes, as the end of a sentence; nil for all that may be what
  /// it should.
  public static func description(of bytes: some Collection<UInt8>) -> String? {
    let start = String(decoding: bytes.prefix(byteCount), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines.union(["\u{FEFF}"])).lowercased()
    if start.hasPrefix("version https://git-lfs") {
      return "is a pointer of Git LFS, not the file itself (`git lfs pull` fetches it)"
    }
    if ["<!doctype html", "<html"].contains(where: start.hasPrefix) {
      return "is a web page in HTML, as a failed download leaves it"
    }
    return nil
  }
}
