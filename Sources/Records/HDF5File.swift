// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation

/// An HDF5 file, opened to be read, or written in one go.
///
/// ```swift
/// let file = try HDF5File(reading: "weights.h5")
/// let kernel: [Float] = try file.root.dataset("conv1/kernel").numbers()
/// ```
/// Reading trusts nothing: links to elsewhere, sizes that the file cannot hold and text that is
/// not UTF-8 are errors. May be used from any thread; one call runs at a time.
public struct HDF5File: Sendable {
  /// What errors call the file: its path, unless it was given another name.
  public let path: String
  /// Where it was opened.
  let location: String
  let isSealed: Bool
  /// The group that holds everything else.
  public let root: HDF5Group

  /// Opens a file for reading.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - name: what errors call the file, where that is not its path.
  ///   - mustBeSealed: whether a file without a seal is refused, before HDF5 sees it. Else it is to be
  ///     read in a process that may crash.
  /// - Throws: where it cannot be opened, was cut off, or was changed since it was sealed.
  /// Cost: a sealed file is read once from end to end.
  public init(
    reading path: String, as name: String? = nil, mustBeSealed: Bool = false
  ) throws(RecordError) {
    let name = name ?? path
    self.path = name
    location = path
    let (size, sealBytes): (Int, Int)
    do throws(RecordError) {
      (size, sealBytes) = try FileSeal.check(path)
    } catch {
      throw RecordError(file: name, rule: error.rule, code: error.code)
    }
    isSealed = sealBytes > 0
    if mustBeSealed, !isSealed { throw Self.refusal(ofUnsealed: path, as: name) }
    root = try HDF5Library.locked { () throws(RecordError) in
      let place = HDF5Place(file: name, object: "")
      errno = 0
      let opened = hdf5_open(path)
      // Its checksum was right a moment ago: it is the system that fails.
      if opened < 0, sealBytes > 0, errno != 0 {
        throw AtomicFile.systemError(name, "cannot be opened")
      }
      let file = try HDF5Handle(opened, at: place, rule: "is not an HDF5 file, or is damaged")
      let end = Int(hdf5_end(file.id))
      guard end + sealBytes == size else {
        throw place.error("is damaged: HDF5 ends after \(end) bytes, the file after \(size)")
      }
      return try HDF5Group(root: file, path: name, fileSize: size)
    }
  }

  /// Writes a whole file: under a temporary name beside it, sealed, synced, renamed into place.
  /// Whoever is killed in between leaves the old file untouched, and `PATH.PID.part` beside it.
  ///
  /// HDF5 makes the file in memory, as large as it will be, and never writes itself: where the
  /// system refuses, it would crash, at once or when the program ends.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - body: fills the root; its groups must not be kept.
  /// - Throws: what `body` throws, or what the system says of the file.
  public static func write(
    to path: String, _ body: (HDF5Group) throws(RecordError) -> Void
  ) throws(RecordError) {
    // Locked as a whole: two writers of one path would share the temporary name.
    try HDF5Library.locked { () throws(RecordError) in
      try AtomicFile.write(to: path) { (file) throws(RecordError) in
        try fill(file, for: path, body)
      }
    }
  }

  /// Whether a file ends in a checksum that fits, found without HDF5, which may crash on a file that
  /// has none and is damaged.
  ///
  /// - Throws: where the file cannot be read, or was changed since it was sealed.
  public static func isSealed(_ path: String) throws(RecordError) -> Bool {
    try FileSeal.check(path).sealBytes > 0
  }

  private static func refusal(ofUnsealed path: String, as name: String) -> RecordError {
    let start = try? FileHandle(forReadingAtPath: path)?.read(upToCount: 4)
    guard start == Data([0x89, 0x48, 0x44, 0x46]) else {
      return RecordError(file: name, rule: "is not an HDF5 file")
    }
    return RecordError(
      file: name,
      rule:
        "has no seal at its end: it is cut off or damaged, or another program wrote or changed it")
  }

  /// The bytes of a file that is to stand inside another one, without a seal.
  ///
  /// - Parameters:
  ///   - path: the other one, for errors.
  ///   - body: fills the root; its groups must not be kept.
  public static func bytes(
    for path: String, _ body: (HDF5Group) throws(RecordError) -> Void
  ) throws(RecordError) -> Data {
    try HDF5Library.locked { () throws(RecordError) in
      var bytes = Data()
      try withImage(for: path, body) { (image) throws(RecordError) in
        image.withUnsafeBytes { bytes.append(contentsOf: $0) }
      }
      return bytes
    }
  }

  private static func fill(
    _ file: NewFile, for path: String, _ body: (HDF5Group) throws(RecordError) -> Void
  ) throws(RecordError) {
    try withImage(for: path, body) { (image) throws(RecordError) in
      try file.append(image)
      try file.append(FileSeal.of(image))
    }
  }

  private static func withImage(
    for path: String, _ body: (HDF5Group) throws(RecordError) -> Void,
    _ use: (HDF5Image) throws(RecordError) -> Void
  ) throws(RecordError) {
    let place = HDF5Place(file: path, object: "")
    let made = try HDF5Handle(
      hdf5_create_in_memory(), at: place, rule: "cannot be made", isOwned: false)
    defer { H5Fclose(made.id) }
    try body(try HDF5Group(root: made, path: path, fileSize: .max))
    guard H5Fflush(made.id, H5F_SCOPE_GLOBAL) >= 0, let image = HDF5Image(made) else {
      throw place.libraryError("cannot be made")
    }
    try use(image)
  }
}
