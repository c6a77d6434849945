// SPDX-License-Identifier: Apache-2.0

import CArchive
import Foundation
import Settings

/// Bytes that come one after the other, with a place to name in errors.
protocol ByteSource: AnyObject {
  /// The file, or the archive and member.
  var name: String { get }

  /// Fills `buffer` from its start with up to `count` bytes and returns how many there were; fewer
  /// than `count` only at the end.
  func read(into buffer: inout [UInt8], count: Int) throws(DatasetError) -> Int
}

/// A plain or gzipped file, read through zlib, which checks the checksum and length of what it
/// decompresses. The only code of this module that touches zlib.
final class CompressedFile: ByteSource {
  let name: String
  private let handle: gzFile
  /// Uncompressed bytes read so far.
  private(set) var offset = 0

  init(path: String) throws(DatasetError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard exists, !isFolder.boolValue else {
      throw DatasetError(
        file: path, rule: exists ? "must be a file, not a folder" : "does not exist")
    }
    // A pipe would be waited for, and a device may never end.
    _ = try FileSize.of(path)
    let start = try? FileHandle(forReadingAtPath: path)?.read(upToCount: MistakenFile.byteCount)
    if let start, let mistaken = MistakenFile.description(of: start) {
      throw DatasetError(file: path, value: mistaken, rule: "must be a file of the data set")
    }
    guard let handle = gzopen(path, "rb") else {
      throw DatasetError(file: path, rule: "cannot be opened")
    }
    name = path
    self.handle = handle
    gzbuffer(handle, 1 << 17)
  }

  deinit { gzclose_r(handle) }

  /// Whether zlib found no gzip header and hands the bytes on as they are.
  var isPlain: Bool { gzdirect(handle) == 1 }

  func read(into buffer: inout [UInt8], count: Int) throws(DatasetError) -> Int {
    precondition(count <= buffer.count && count < Int(Int32.max), "room for what is read")
    let read = buffer.withUnsafeMutableBytes { Int(gzread(handle, $0.baseAddress, UInt32(count))) }
    return try checked(read, of: count)
  }

  /// As above, for libarchive's callback, which owns no Swift array.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let read = Int(gzread(handle, buffer.baseAddress, UInt32(buffer.count)))
    return try checked(read, of: buffer.count)
  }

  /// Reads to the end, so that the checksum at the end is checked too, and returns the bytes found.
  func drain() throws(DatasetError) -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while true {
      let count = try read(into: &buffer, count: buffer.count)
      total += count
      if count == 0 { return total }
    }
  }

  private func checked(_ read: Int, of count: Int) throws(DatasetError) -> Int {
    // zlib reports a stream that breaks off only through gzerror, after a short count.
    if read < count {
      var code: Int32 = Z_OK
      let message = gzerror(handle, &code).map { String(cString: $0) } ?? ""
      if read < 0 || code != Z_OK {
        let place = offset + max(read, 0)
        throw DatasetError(
          file: name, offset: place, value: "decompression fails (\(message))",
          rule: "must be an undamaged gzip stream")
      }
    }
    offset += read
    return read
  }
}
