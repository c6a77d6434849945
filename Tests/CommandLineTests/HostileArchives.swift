// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// ZIP archives that no Keras writes, byte by byte.
enum HostileArchives {
  /// What stands in the headers of one member.
  struct Member {
    var name = "model.weights.h5"
    var bytes: [UInt8]
    var method = 0
    /// Nil where it is the truth.
    var claimedSize: Int?
    var storedSize: Int?
    var checksum: UInt32?
    var mode = 0o100644
  }

  /// - Parameter weights: a sound `.weights.h5`.
  static func variants(_ weights: [UInt8]) -> [DamagedFile] {
    let good = Member(bytes: weights)
    let archives = wrongNames(good) + wrongContents(good) + wrongClaims(good)
    return archives.map { DamagedFile(kind: .hostile, name: "ZIP with \($0.0)", bytes: zip($0.1)) }
  }

  private typealias Archive = (String, [Member])

  private static func changed(_ member: Member, _ change: (inout Member) -> Void) -> Member {
    var member = member
    change(&member)
    return member
  }

  private static func wrongNames(_ good: Member) -> [Archive] {
    func named(_ name: String) -> Member { changed(good) { $0.name = name } }
    return [
      ("an absolute path", [named("/model.weights.h5")]),
      ("an absolute path beside", [named("/etc/passwd"), good]),
      ("a path out of the archive", [named("../model.weights.h5"), good]),
      ("a path through a folder", [named("a/../../model.weights.h5"), good]),
      ("a folder around", [named("folder/model.weights.h5")]),
      ("other case", [named("Model.Weights.h5")]),
      ("no name", [named("")]),
      ("the weights twice", [good, good]),
      ("nothing", []),
      ("another member", [named("config.json")]),
    ]
  }

  private static func wrongContents(_ good: Member) -> [Archive] {
    func holding(_ bytes: [UInt8]) -> Member { changed(good) { $0.bytes = bytes } }
    let folder = changed(holding([])) { $0.name = "model.weights.h5/" }
    let link = changed(holding(Array("/etc/passwd".utf8))) { $0.mode = 0o120777 }
    return [
      ("a folder of that name", [folder]), ("a link", [link]), ("no bytes", [holding([])]),
      ("no HDF5", [holding(Array("no HDF5 at all, and long enough".utf8))]),
      ("a wrong checksum", [changed(good) { $0.checksum = 1 }]),
    ]
  }

  private static func wrongClaims(_ good: Member) -> [Archive] {
    func packed(_ method: Int) -> Member { changed(good) { $0.method = method } }
    func claiming(_ size: Int, stored: Int? = nil, method: Int = 0) -> Member {
      changed(packed(method)) { ($0.claimedSize, $0.storedSize) = (size, stored) }
    }
    let huge = 0xFFFF_FFF0
    return [
      ("deflate", [packed(8)]), ("bzip2", [packed(12)]), ("an unknown method", [packed(77)]),
      ("a huge size", [claiming(huge)]), ("two huge sizes", [claiming(huge, stored: huge)]),
      ("a deflated bomb", [claiming(huge, method: 8)]),
      ("a small size", [claiming(100, stored: 100)]),
      ("a larger size", [claiming(good.bytes.count + 1)]),
    ]
  }

  /// The bytes of an archive.
  private static func zip(_ members: [Member]) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let count = member.bytes.count
      let common = fields([
        (20, 2), (0, 2), (member.method, 2), (0, 4),
        (Int(member.checksum ?? Damage.crc32(member.bytes)), 4), (member.storedSize ?? count, 4),
        (member.claimedSize ?? count, 4), (member.name.utf8.count, 2), (0, 2),
      ])
      let name = Array(member.name.utf8)
      directory += Array("PK\u{01}\u{02}".utf8) + fields([(3 << 8 | 20, 2)]) + common
      directory += fields([(0, 6), (member.mode << 16, 4), (bytes.count, 4)]) + name
      bytes += Array("PK\u{03}\u{04}".utf8) + common + name + member.bytes
    }
    let end = fields([
      (0, 4), (members.count, 2), (members.count, 2), (directory.count, 4), (bytes.count, 4),
      (0, 2),
    ])
    // An empty archive begins with its end, and is then no archive to anyone.
    return (members.isEmpty ? Array("PK\u{03}\u{04}".utf8) : []) + bytes + directory
      + Array("PK\u{05}\u{06}".utf8) + end
  }

  /// Numbers of so many bytes each, little-endian.
  private static func fields(_ fields: [(value: Int, count: Int)]) -> [UInt8] {
    fields.flatMap { value, count in
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }
}
