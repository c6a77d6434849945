import Foundation

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
  static func variants(_ weights: [UInt8]) -> [DamagedWeights.Variant] {
    let good = Member(bytes: weights)
    func changed(_ change: (inout Member) -> Void) -> Member {
      var member = good
      change(&member)
      return member
    }
    let archives: [(String, [Member])] = [
      ("absolute path", [changed { $0.name = "/model.weights.h5" }]),
      ("absolute path beside", [changed { $0.name = "/etc/passwd" }, good]),
      ("path out of the archive", [changed { $0.name = "../model.weights.h5" }, good]),
      ("path through a folder", [changed { $0.name = "a/../../model.weights.h5" }, good]),
      ("in a folder", [changed { $0.name = "folder/model.weights.h5" }]),
      (
        "a folder of that name",
        [
          changed {
            $0.name = "model.weights.h5/"; $0.bytes = []
          }
        ]
      ),
      ("other case", [changed { $0.name = "Model.Weights.h5" }]),
      ("no name", [changed { $0.name = "" }]),
      ("twice", [good, good]),
      ("nothing inside", []),
      ("another member", [changed { $0.name = "config.json" }]),
      ("empty", [changed { $0.bytes = [] }]),
      ("no HDF5", [changed { $0.bytes = Array("no HDF5 at all, and long enough".utf8) }]),
      (
        "a link",
        [
          changed {
            $0.mode = 0o120777; $0.bytes = Array("/etc/passwd".utf8)
          }
        ]
      ),
      ("deflated", [changed { $0.method = 8 }]),
      ("bzip2", [changed { $0.method = 12 }]),
      ("unknown method", [changed { $0.method = 77 }]),
      ("a huge claim", [changed { $0.claimedSize = 0xFFFF_FFF0 }]),
      (
        "two huge claims",
        [
          changed {
            $0.claimedSize = 0xFFFF_FFF0; $0.storedSize = 0xFFFF_FFF0
          }
        ]
      ),
      (
        "a deflated bomb",
        [
          changed {
            $0.method = 8; $0.claimedSize = 0xFFFF_FFF0
          }
        ]
      ),
      (
        "a smaller claim",
        [
          changed {
            $0.claimedSize = 100; $0.storedSize = 100
          }
        ]
      ),
      ("a larger claim", [changed { $0.claimedSize = weights.count + 1 }]),
      ("a wrong checksum", [changed { $0.checksum = 1 }]),
    ]
    return archives.map { DamagedWeights.Variant(name: "ZIP with \($0.0)", bytes: zip($0.1)) }
  }

  /// The bytes of an archive.
  private static func zip(_ members: [Member]) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let count = member.bytes.count
      let common = fields([
        (20, 2), (0, 2), (member.method, 2), (0, 4),
        (Int(member.checksum ?? crc(member.bytes)), 4), (member.storedSize ?? count, 4),
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

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 {
        let isOdd = sum & 1 == 1
        sum >>= 1
        if isOdd { sum ^= 0xEDB8_8320 }
      }
    }
    return ~sum
  }
}
