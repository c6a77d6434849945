// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation

/// A checksum behind the end of an HDF5 file, which HDF5 itself never reads.
///
/// HDF5 1.10 has no checksum over plain data, and a damaged header can make it crash. So a file of
/// ours ends in 42 bytes of ASCII, `continuum-seal/2 `, the count of all bytes before in 16 hexadecimal
/// digits, a space, and their CRC-32 in eight. Files of before 2026-12 end in `continuum-crc32 ` and the
/// CRC-32. A file that is cut off anywhere has no seal; so has one that another program wrote or edited.
enum FileSeal {
  /// The forms, the newest first.
  enum Form: CaseIterable {
    case second
    case first

    var mark: String {
      switch self {
      case .second: "continuum-seal/2 "
      case .first: "continuum-crc32 "
      }
    }

    var byteCount: Int { mark.utf8.count + (self == .second ? 25 : 8) }

    fileprivate func seal(_ sum: UInt, of count: Int) -> [UInt8] {
      let length = self == .second ? "\(FileSeal.digits(UInt(count), 16)) " : ""
      return Array("\(mark)\(length)\(FileSeal.digits(sum, 8))".utf8)
    }
  }

  /// Of a file that is written now.
  static let byteCount = Form.second.byteCount
  /// What the marks of all forms begin with, those of later programs too.
  private static let family = "continuum-seal/"
  private static let chunk = 1 << 20

  /// The seal of a whole file's bytes.
  static func of(_ bytes: some ContiguousBytes) -> [UInt8] {
    bytes.withUnsafeBytes { bytes in
      let sum = stride(from: 0, to: bytes.count, by: chunk).reduce(UInt(0)) { sum, offset in
        let part = Array(bytes[offset..<min(offset + chunk, bytes.count)])
        return crc32(sum, part, UInt32(part.count))
      }
      return Form.second.seal(sum, of: bytes.count)
    }
  }

  /// Compares the seal, where there is one, with what stands before it.
  ///
  /// - Returns: the size of the file in bytes, and how many of them are its seal, 0 where it has none.
  static func check(_ path: String) throws(RecordError) -> (size: Int, sealBytes: Int) {
    let file = try open(path)
    let found: (size: Int, sealBytes: Int)
    do throws(RecordError) {
      found = try check(file, path)
    } catch {
      close(file)
      throw error
    }
    guard close(file) == 0 else { throw AtomicFile.systemError(path, "cannot be read") }
    return found
  }

  private static func check(
    _ file: Int32, _ path: String
  ) throws(RecordError) -> (size: Int, sealBytes: Int) {
    let size = try self.size(of: file, path)
    guard size > byteCount else {
      throw RecordError(file: path, rule: "is not an HDF5 file: it has only \(size) bytes")
    }
    let end = try read(file, path, at: size - byteCount, count: byteCount)
    let form = Form.allCases.first {
      end.suffix($0.byteCount).starts(with: Array($0.mark.utf8))
    }
    guard let form else {
      if end.starts(with: Array(family.utf8)) {
        let version = String(decoding: end.dropFirst(family.utf8.count).prefix(2), as: UTF8.self)
        throw RecordError(
          file: path, rule: "has a seal of version \(version); this program knows 2")
      }
      return (size, 0)
    }
    let count = size - form.byteCount
    let sum = try checksum(file, path, byteCount: count)
    guard end.suffix(form.byteCount).elementsEqual(form.seal(sum, of: count)) else {
      throw RecordError(
        file: path, rule: "was damaged or changed after it was written: its checksum differs")
    }
    return (size, form.byteCount)
  }

  private static func digits(_ number: UInt, _ count: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
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
