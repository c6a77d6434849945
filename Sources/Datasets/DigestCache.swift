// SPDX-License-Identifier: Apache-2.0

import Downloads
import Foundation

/// Digests of data sets by the stamps of their files, so that nothing is read merely to be hashed.
///
/// A small text file in the user's cache folder, a line `KEY DIGEST CHECK` for each set. It saves time
/// and is never relied on: what is damaged in it is passed over, and where it cannot be written,
/// nothing is remembered.
public struct DigestCache: Sendable {
  let path: String
  private static let mostLines = 1000
  /// A file that changed so many seconds ago could change again without another stamp.
  static let settling = 2

  init(path: String) {
    self.path = path
  }

  /// The user's: below `XDG_CACHE_HOME` or `~/.cache`; nil where there is no such place.
  public static var user: DigestCache? {
    let environment = ProcessInfo.processInfo.environment
    let named = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    guard let folder = named ?? environment["HOME"].map({ "\($0)/.cache" }) else { return nil }
    return DigestCache(path: "\(folder)/continuum/digests")
  }

  /// The key of files that are read in a certain way; nil where one of them cannot be looked at, or
  /// changed a moment ago.
  static func key(
    _ purpose: String, _ paths: [String], settling: Int = DigestCache.settling
  ) -> String? {
    guard let checksum = try? Checksum(.sha256) else { return nil }
    checksum.add("\(purpose)\n")
    let now = Int(Date().timeIntervalSince1970)
    for path in paths {
      guard let stamp = FileStamp(path), abs(now - stamp.changed) > settling else { return nil }
      checksum.add("\(stamp.text)\n")
    }
    return checksum.digits()
  }

  /// The digest that was remembered, if any.
  func digest(of key: String) -> String? {
    lines().last { $0.hasPrefix("\(key) ") }.map { String($0.split(separator: " ")[1]) }
  }

  /// Remembers a digest, as far as the folder allows.
  func remember(_ digest: String, of key: String) {
    guard let line = Self.line(key, digest) else { return }
    let kept = lines().filter { !$0.hasPrefix("\(key) ") }.suffix(Self.mostLines - 1)
    let text = (kept + [line]).joined(separator: "\n") + "\n"
    let folder = (path as NSString).deletingLastPathComponent
    let temporary = "\(path).\(getpid()).part"
    try? FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: temporary, contents: Data(text.utf8)) else {
      return
    }
    if rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// The undamaged lines.
  private func lines() -> [String] {
    guard let size = try? FileSize.of(path), size < 1 << 20,
      let data = FileManager.default.contents(atPath: path)
    else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init).filter {
      let parts = $0.split(separator: " ").map(String.init)
      return parts.count == 3 && $0 == Self.line(parts[0], parts[1])
    }
  }

  private static func line(_ key: String, _ digest: String) -> String? {
    guard let checksum = try? Checksum(.sha256) else { return nil }
    checksum.add("\(key) \(digest)")
    return "\(key) \(digest) \(checksum.digits().prefix(16))"
  }
}
