// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The bytes of an open file, outside the library.
final class HDF5RawBytes {
  let size: Int
  private let file: Int32

  init(_ path: String) throws(RecordError) {
    file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw AtomicFile.systemError(path, "cannot be read") }
    size = Int(lseek(file, 0, SEEK_END))
  }

  deinit { close(file) }

  /// As many of the bytes as the file has.
  subscript(range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<max(0, size))
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = pread(file, &bytes, range.count, off_t(range.lowerBound))
    return Array(bytes.prefix(max(0, count)))
  }
}

/// Finds HDF5's own structures in a file of its old format, by their signatures.
struct HDF5StructureScan {
  private static let block = 1 << 20
  private let file: HDF5RawBytes
  private let superblockCount: Int
  /// The bytes of a node of a group's tree, and of a node of names.
  private let treeCount: Int
  private let symbolsCount: Int

  /// - Returns: nil for a file of the new format.
  init?(_ file: HDF5RawBytes) {
    let bytes = file[0..<32]
    guard bytes.count == 32, bytes[8] <= 1, bytes[13] == 8, bytes[14] == 8 else { return nil }
    self.file = file
    superblockCount = bytes[8] == 0 ? 96 : 100
    symbolsCount = 8 + 80 * bytes.number(16, bytes: 2)
    treeCount = 32 + 32 * bytes.number(18, bytes: 2)
  }

  /// The structures in some regions of the file.
  func structures(in regions: [Range<Int>]) -> [HDF5FileMap.Place] {
    var found = [HDF5FileMap.Place(bytes: 0..<superblockCount, owner: "the superblock")]
    for region in regions {
      for start in stride(from: region.lowerBound, to: region.upperBound, by: Self.block) {
        // A structure may begin at the end of a block; the longest head has 32 bytes.
        let bytes = file[start..<min(start + Self.block, region.upperBound) + 32]
        for position in 0..<min(Self.block, max(0, bytes.count - 31)) {
          found += structure(bytes, position, at: start + position)
        }
      }
    }
    return found
  }

  /// The structure whose head stands at a position, if there is one, with what belongs to it.
  private func structure(
    _ bytes: [UInt8], _ position: Int, at address: Int
  ) -> [HDF5FileMap.Place] {
    func place(_ start: Int, _ count: Int, _ owner: String) -> [HDF5FileMap.Place] {
      guard (0..<file.size).contains(start), (1...file.size).contains(count) else { return [] }
      return [HDF5FileMap.Place(bytes: start..<start + count, owner: owner)]
    }
    // Most bytes are no first letter of T, S, H, G.
    let letter = bytes[position]
    guard letter == 0x54 || letter == 0x53 || letter == 0x48 || letter == 0x47 else { return [] }
    let version = bytes[position + 4]
    let isPlain = bytes[position + 5..<position + 8].allSatisfy { $0 == 0 }
    switch String(decoding: bytes[position..<position + 4], as: UTF8.self) {
    case "TREE" where version <= 1 && bytes[position + 5] < 32:
      return place(address, version == 0 ? treeCount : 24, "a group's tree")
    case "SNOD" where version == 1 && bytes[position + 5] == 0:
      return place(address, symbolsCount, "a group's names")
    case "HEAP" where version == 0 && isPlain:
      return place(address, 32, "a heap")
        + place(bytes.number(position + 24), bytes.number(position + 8), "a heap")
    case "GCOL" where version == 1 && isPlain:
      return place(address, bytes.number(position + 8), "a heap of texts")
    default: return []
    }
  }

  /// The parts of objects' headers that stand elsewhere.
  func continuations(of headers: [HDF5FileMap.Place]) -> [HDF5FileMap.Place] {
    headers.flatMap { header -> [HDF5FileMap.Place] in
      let prefix = file[header.bytes.lowerBound..<header.bytes.lowerBound + 16]
      guard prefix.count == 16, prefix[0] == 1 else { return [] }
      let first = header.bytes.lowerBound + 16
      var open = [first..<first + prefix.number(8, bytes: 4)]
      var found: [HDF5FileMap.Place] = []
      while let part = open.popLast(), found.count < 64 {
        let bytes = file[part]
        var position = 0
        while position + 24 <= bytes.count {
          if bytes.number(position, bytes: 2) == 0x10 {
            let (start, count) = (bytes.number(position + 8), bytes.number(position + 16))
            if start < file.size, count <= file.size - start {
              found.append(HDF5FileMap.Place(bytes: start..<start + count, owner: header.owner))
              open.append(start..<start + count)
            }
          }
          position += 8 + bytes.number(position + 2, bytes: 2)
        }
      }
      return found
    }
  }
}

extension [UInt8] {
  /// The little-endian number at a position, no larger than an `Int`.
  fileprivate func number(_ position: Int, bytes count: Int = 8) -> Int {
    let field = self[position..<position + count]
    return Int(clamping: field.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
