// SPDX-License-Identifier: Apache-2.0

import CArchive
import Foundation
import Records

/// Writes `.keras` files: a ZIP of stored members, as Keras 3 writes and `KerasArchive` reads them.
enum KerasArchiveWriter {
  /// What the archive says of its writer: the oldest version that reads it.
  private static let metadata = #"{"keras_version": "3.0.0", "date_saved": "1980-01-01@00:00:00"}"#

  /// - Parameter weights: the bytes of `model.weights.h5`.
  static func write(
    _ model: WrittenKerasModel, weights: Data, to path: String
  ) throws(RecordError) {
    let members = [
      ("metadata.json", Data(metadata.utf8)),
      ("config.json", Data(model.configuration.canonicalText.utf8)),
      (KerasArchive.member, weights),
    ]
    try AtomicFile.write(
      to: path,
      through: { (descriptor) throws(RecordError) in
        guard let archive = archive_write_new() else {
          throw RecordError(file: path, rule: "cannot be written: out of memory")
        }
        defer { archive_write_free(archive) }
        func check(_ result: Int) throws(RecordError) {
          guard result < 0 else { return }
          let reason =
            archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
          throw RecordError(file: path, rule: "cannot be written: \(reason)")
        }
        try check(Int(archive_write_set_format_zip(archive)))
        try check(Int(archive_write_zip_set_compression_store(archive)))
        try check(Int(archive_write_open_fd(archive, descriptor)))
        for (name, data) in members {
          try check(Int(write(header: name, count: data.count, to: archive)))
          let written = data.withUnsafeBytes {
            archive_write_data(archive, $0.baseAddress, $0.count)
          }
          try check(written)
          guard written == data.count else {
            throw RecordError(file: path, rule: "cannot be written: \(name) is cut off")
          }
        }
        try check(Int(archive_write_close(archive)))
      })
  }

  /// Of one member; all have the same time, so that the same network gives the same bytes.
  private static func write(
    header name: String, count: Int, to archive: OpaquePointer
  ) -> Int32 {
    let entry = archive_entry_new()
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_size(entry, Int64(count))
    // AE_IFREG, a cast that Swift does not import.
    archive_entry_set_filetype(entry, 0o100000)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 315_532_800, 0)
    return archive_write_header(archive, entry)
  }
}
