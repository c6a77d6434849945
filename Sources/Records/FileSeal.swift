// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation

/// A checksum behind the end of an HDF5 file, which HDF5 itself never reads.
///
/// HDF5 1.10 has no checksum over plain data, and a damaged header can make it crash. So a file of
/// ours ends in 24 bytes of ASCII, `continuum-crc32 ` and eight hexadecimal digits: the CRC-32 of
/// all bytes before. A file without a seal (another program wrote or edited it) is read as it is; one
/// that goes on behind HDF5's end with anything else is damaged.
enum FileSeal {
  static let mark = "continuum-crc32 "
  static let byteCount = 24
  private static let chunk = 1 << 20

  /// The seal of a whole file's bytes.
  static func of(_ bytes: some ContiguousBytes) -> [UInt8] {
    bytes.withUnsafeBytes { bytes in
      let sum = stride(from: 0, to: bytes.count, by: chunk).reduce(UInt(0)) { sum, offset in
        let part = Array(bytes[offset..<min(offset + chunk, bytes.count)])
        return crc32(sum, part, UInt32(part.count))
      }
      return seal(sum)
    }
  }

  /// Compares the seal, where there is one, with what stands before it.
  ///
  /// - Returns: the size of the file in bytes, and whether it has a seal.
  static func check(_ path: String) throws(RecordError) -> (size: Int, isSealed: Bool) {
    let file = try open(path)
    defer { close(file) }
    let size = try self.size(of: file, path)
    guard size > byteCount else {
      throw RecordError(file: path, rule: "is not an HDF5 file: it has only \(size) bytes")
    }
    let seal = try read(file, path, at: size - byteCount, count: byteCount)
    guard seal.starts(with: Array(mark.utf8)) else { return (size, false) }
    let sum = try checksum(file, path, byteCount: size - byteCount)
    guard seal == self.seal(sum) else {
      throw RecordError(
        file: path, rule: "was damaged or changed after it was written: its checksum differs")
    }
    return (size, true)
  }

  private static func seal(_ sum: UInt) -> [UInt8] {
    let digits = String(sum, radix: 16)
    return Array((mark + String(repeating: "0", count: 8 - digits.count) + digits).utf8)
  }

  private static func open(_ path: String) throws(RecordError) -> Int32 {
    // A named pipe without a writer would keep a plain `open` waiting.
    let file = Foundation.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw AtomicFile.systemError(path, "cannot be opened") }
    return file
  }

  private static func size(of file: Int32, _ path: String) throws(RecordError) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw AtomicFile.systemError(path, "cannot be read")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RecordError(file: path, rule: "must be a file, not a directory or device")
    }
    return Int(status.st_size)
  }

  private static func read(
    _ file: Int32, _ path: String, at offset: Int, count: Int
  ) throws(RecordError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard pread(file, &bytes, count, off_t(offset)) == count else {
      throw AtomicFile.systemError(path, "cannot be read")
    }
    return bytes
  }

  private static func checksum(
    _ file: Int32, _ path: String, byteCount: Int
  ) throws(RecordError) -> UInt {
    var sum: UInt = 0
    for offset in stride(from: 0, to: byteCount, by: chunk) {
      let bytes = try read(file, path, at: offset, count: min(chunk, byteCount - offset))
      sum = crc32(sum, bytes, UInt32(bytes.count))
    }
    return sum
  }
}
