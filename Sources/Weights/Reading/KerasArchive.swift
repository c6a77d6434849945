// SPDX-License-Identifier: Apache-2.0

import CArchive
import Foundation

/// The weights inside a `.keras` file, a ZIP whose members Keras stores and other programs compress,
/// and how the model is built. The only code of this module that touches libarchive.
///
/// The weights go into a private temporary file; no path of the archive ever names a file. HDF5 opens
/// no file that has lost its name, so the name goes when HDF5 has it open.
final class KerasArchive {
  static let member = "model.weights.h5"
  private static let configurationMember = "config.json"
  /// Bytes that each of the other members may have unpacked.
  private static let mostAside = 1 << 26
  /// How many bytes the weights may have for each that the archive has, beyond `smallBytes`.
  private static let mostGrowth = 64
  private static let smallBytes = 16 << 20
  /// The network as JSON; nil where it is missing.
  private(set) var configuration: String?
  /// Where the member can be opened until `removeName`.
  let weightsPath: String
  private let path: String
  private let descriptor: Int32

  /// Whether a file begins as ZIP archives do.
  static func isArchive(_ path: String) throws(WeightError) -> Bool {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw systemError(path, "cannot be opened") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4)
    return read(file, &bytes, 4) == 4 && bytes == Array("PK\u{03}\u{04}".utf8)
  }

  /// Extracts the member.
  ///
  /// - Throws: where the archive is damaged, holds no such member or several, or one that claims bytes
  ///   out of proportion to the archive's.
  init(_ path: String) throws(WeightError) {
    self.path = path
    (descriptor, weightsPath) = try Self.temporaryFile()
    try extract(try Self.size(of: path))
  }

  deinit {
    close(descriptor)
    removeName()
  }

  /// Leaves the member to those who have it open.
  func removeName() { unlink(weightsPath) }

  private func extract(_ mostBytes: Int) throws(WeightError) {
    guard let archive = archive_read_new() else { throw refusal("cannot be read: out of memory") }
    defer { archive_read_free(archive) }
    archive_read_support_format_zip_seekable(archive)
    guard archive_read_open_filename(archive, path, 1 << 16) == ARCHIVE_OK else {
      throw damage(archive)
    }
    var found = false
    var entry: OpaquePointer?
    while true {
      let status = archive_read_next_header(archive, &entry)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK, let entry else { throw damage(archive) }
      let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
      guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
        throw refusal("holds the path \"\(name)\", which leads out of the archive")
      }
      if let rule = ForeignForm.rule(forMember: name) { throw refusal(rule) }
      guard name == Self.member else {
        let bytes = try readThrough(archive, name)
        guard name == Self.configurationMember else { continue }
        guard configuration == nil else { throw refusal("holds \(name) twice") }
        configuration = String(decoding: bytes, as: UTF8.self)
        continue
      }
      guard !found else { throw refusal("holds \(name) twice") }
      found = true
      try check(entry, mostBytes)
      try copy(archive, count: Int(archive_entry_size(entry)))
    }
    guard found else { throw refusal("is a ZIP archive without \(Self.member)") }
  }

  /// Reads a member beside the weights, all of them for their checksums.
  private func readThrough(
    _ archive: OpaquePointer, _ name: String
  ) throws(WeightError) -> [UInt8] {
    var all: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let read = block.withUnsafeMutableBytes {
        archive_read_data(archive, $0.baseAddress, $0.count)
      }
      guard read >= 0 else { throw damage(archive) }
      guard read > 0 else { return all }
      all += block[..<read]
      guard all.count <= Self.mostAside else {
        throw refusal("holds more than \(Self.mostAside) bytes in \(printable(name))")
      }
    }
  }

  private func check(_ entry: OpaquePointer, _ mostBytes: Int) throws(WeightError) {
    // AE_IFREG, a cast that Swift does not import.
    guard archive_entry_filetype(entry) == 0o100000, archive_entry_size_is_set(entry) != 0 else {
      throw refusal("must hold \(Self.member) as a file of known size")
    }
    let size = Int(archive_entry_size(entry))
    guard size <= Self.smallBytes || size / Self.mostGrowth <= mostBytes else {
      throw refusal("claims \(size) bytes for \(Self.member) and has only \(mostBytes) itself")
    }
  }

  private func copy(_ archive: OpaquePointer, count: Int) throws(WeightError) {
    var block = [UInt8](repeating: 0, count: 1 << 20)
    var copied = 0
    while true {
      let read = block.withUnsafeMutableBytes {
        archive_read_data(archive, $0.baseAddress, $0.count)
      }
      guard read >= 0 else { throw damage(archive) }
      guard read > 0 else { break }
      copied += read
      guard copied <= count else { throw damage(archive) }
      var written = 0
      while written < read {
        let more = block.withUnsafeBytes { bytes in
          write(descriptor, bytes.baseAddress?.advanced(by: written), read - written)
        }
        guard more > 0 else { throw Self.systemError(path, "cannot be unpacked") }
        written += more
      }
    }
    guard copied == count else { throw damage(archive) }
  }

  private func refusal(_ rule: String) -> WeightError { WeightError(file: path, rule: rule) }

  private func damage(_ archive: OpaquePointer) -> WeightError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "it ends too early"
    return refusal("is a damaged ZIP archive (\(reason))")
  }
}

// MARK: The system

extension KerasArchive {
  /// A file that only this user can read and write, open.
  private static func temporaryFile() throws(WeightError) -> (descriptor: Int32, path: String) {
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/continuum-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw systemError(folder, "cannot hold a temporary file") }
    let path = template.dropLast().map { UInt8(truncatingIfNeeded: $0) }
    return (descriptor, String(decoding: path, as: UTF8.self))
  }

  private static func size(of path: String) throws(WeightError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw systemError(path, "cannot be read") }
    return Int(status.st_size)
  }

  private static func systemError(_ path: String, _ rule: String) -> WeightError {
    WeightError(file: path, rule: "\(rule): \(String(cString: strerror(errno)))")
  }
}
