// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A file that is damaged in a way that its reader can notice.
struct DamagedFile: Sendable {
  enum Kind: String, CaseIterable, Sendable { case truncated, flipped, misshapen, hostile }

  var kind: Kind
  /// What was done to which file.
  var name: String
  var bytes: [UInt8]

  /// The files without those that equal an earlier one: the beginnings of files of one kind.
  static func distinct(_ files: [DamagedFile]) -> [DamagedFile] {
    var known: Set<[UInt8]> = []
    return files.filter { known.insert($0.bytes).inserted }
  }

  /// The sample of the files that this run of the tests tries, or all of them.
  ///
  /// Always those made by hand, which are few and no two alike.
  static func tried(_ files: [DamagedFile], _ name: String) -> [DamagedFile] {
    DamageSample.asked.of(files.filter { $0.kind != .hostile }, name)
      + files.filter { $0.kind == .hostile }
  }

  /// A sound file cut off at many lengths.
  static func truncations(_ name: String, _ bytes: [UInt8], count: Int) -> [DamagedFile] {
    Damage.cuts(bytes.count, count: count).map { length in
      DamagedFile(
        kind: .truncated, name: "\(name) cut at \(length)", bytes: Array(bytes[..<length]))
    }
  }

  /// A sound file with one bit turned, many times.
  static func flips(
    _ name: String, _ bytes: [UInt8], in positions: [Int], count: Int
  ) -> [DamagedFile] {
    Damage.bits(of: positions, count: count).map { position, mask in
      var damaged = bytes
      damaged[position] ^= mask
      return DamagedFile(
        kind: .flipped, name: "\(name) byte \(position) bit \(mask)", bytes: damaged)
    }
  }
}
