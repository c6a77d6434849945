// SPDX-License-Identifier: Apache-2.0

import CArchive
import Foundation

/// The members of a .tar or .tar.gz file in the order in which they come. The only code of this
/// module that touches libarchive.
final class TarFile {
  struct Member {
    let path: String
    /// Bytes, as the archive claims; check it before taking memory.
    let size: Int
    let isFile: Bool
  }

  private let feeder: Feeder
  private let archive: OpaquePointer

  init(path: String) throws(DatasetError) {
    feeder = Feeder(try CompressedFile(path: path))
    guard let archive = archive_read_new() else {
      throw DatasetError(file: path, rule: "cannot be read: out of memory")
    }
    self.archive = archive
    archive_read_support_format_tar(archive)
    let status = archive_read_open(
      archive, Unmanaged.passUnretained(feeder).toOpaque(), nil,
      { _, context, block in
        guard let context, let block else { return -1 }
        return Unmanaged<Feeder>.fromOpaque(context).takeUnretainedValue().fill(block)
      }, nil)
    if status != ARCHIVE_OK { throw failure() }
  }

  deinit { archive_read_free(archive) }

  /// The next member, or nil at the end of the archive, once everything after it was read and the
  /// checksum found right.
  func next() throws(DatasetError) -> Member? {
    var entry: OpaquePointer?
    let status = archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF {
      _ = try feeder.file.drain()
      return nil
    }
    // A warning (a name that the locale cannot show, say) leaves the contents whole.
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw failure() }
    let path = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    // AE_IFREG, a cast that Swift does not import.
    let isFile = archive_entry_filetype(entry) == 0o100000
    return Member(path: path, size: Int(archive_entry_size(entry)), isFile: isFile)
  }

  /// The bytes of the member that `next` returned last.
  func bytes(of member: Member) -> any ByteSource { Contents(self, member.path) }

  private func failure() -> DatasetError {
    if let error = feeder.error { return error }
    let message = archive_error_string(archive).map { String(cString: $0) } ?? "unknown format"
    return DatasetError(
      file: feeder.file.name, offset: feeder.file.offset, value: "unpacking fails (\(message))",
      rule: "must be an undamaged .tar or .tar.gz file")
  }

  private final class Contents: ByteSource {
    let archive: TarFile
    let name: String

    init(_ archive: TarFile, _ member: String) {
      self.archive = archive
      name = "\(archive.feeder.file.name): \(member)"
    }

    func read(into buffer: inout [UInt8], count: Int) throws(DatasetError) -> Int {
      precondition(count <= buffer.count, "room for what is read")
      let read = buffer.withUnsafeMutableBytes {
        archive_read_data(archive.archive, $0.baseAddress, count)
      }
      if read < 0 { throw archive.failure() }
      return read
    }
  }

  /// Hands libarchive the uncompressed bytes, block by block.
  private final class Feeder {
    let file: CompressedFile
    var error: DatasetError?
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 64)

    init(_ file: CompressedFile) { self.file = file }

    deinit { block.deallocate() }

    func fill(_ start: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
      do throws(DatasetError) {
        start.pointee = UnsafeRawPointer(block.baseAddress)
        return try file.read(into: block)
      } catch {
        self.error = error
        return -1
      }
    }
  }
}
