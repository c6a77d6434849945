// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation

/// The one door to the HDF5 library: every call goes through `locked`, every identifier is owned
/// by a handle, and all unsafe memory of this module stays in this file.
///
/// The library is not safe under several threads, and where it was built to be so, its settings
/// for errors belong to a thread; the lock and the silence at every door serve both.
enum HDF5Library {
  private static let lock = NSRecursiveLock()
  /// Whether the library will leave things as they are when the program ends. It has nothing to write
  /// then, and crashes over a file that could not be closed. Asked before any other call.
  private static let leavesQuietly = H5dont_atexit() >= 0

  static func locked<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = leavesQuietly
    hdf5_silence()
    return try body()
  }

  /// The library's own word for its last error on this thread, or nothing.
  static func reason() -> String {
    var text = [CChar](repeating: 0, count: 256)
    hdf5_reason(&text)
    let bytes = text.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Owns one identifier of the library and gives it back when nobody needs it any more.
final class HDF5Handle: Sendable {
  let id: hid_t
  private let isOwned: Bool

  /// - Parameter isOwned: false for an identifier that someone else closes.
  /// - Throws: where the identifier is the library's sign of failure.
  init(
    _ id: hid_t, at place: HDF5Place, rule: String, isOwned: Bool = true
  ) throws(RecordError) {
    guard id >= 0 else { throw place.libraryError(rule) }
    self.id = id
    self.isOwned = isOwned
  }

  deinit {
    guard isOwned else { return }
    HDF5Library.locked { _ = H5Idec_ref(id) }
  }
}

/// Where something stands, for errors.
struct HDF5Place: Sendable {
  let file: String
  let object: String

  func error(_ rule: String) -> RecordError {
    RecordError(file: file, object: object, rule: rule)
  }

  /// An error that adds the library's reason.
  func libraryError(_ rule: String) -> RecordError {
    let reason = HDF5Library.reason()
    return error(reason.isEmpty ? rule : "\(rule) (HDF5: \(reason))")
  }

  func child(_ name: String) -> HDF5Place {
    HDF5Place(file: file, object: object == "/" ? "/\(name)" : "\(object)/\(name)")
  }

  func attribute(_ name: String) -> HDF5Place {
    HDF5Place(file: file, object: "\(object)@\(name)")
  }
}

// MARK: Numbers

/// A type of number that files hold.
public protocol HDF5Number: BitwiseCopyable, Sendable {
  /// The kind as the shim numbers it.
  static var hdf5Kind: Int32 { get }
  /// What fresh memory holds.
  static var zero: Self { get }
}

extension Float: HDF5Number { public static var hdf5Kind: Int32 { Int32(hdf5_float32) } }
extension Double: HDF5Number { public static var hdf5Kind: Int32 { Int32(hdf5_float64) } }
extension Int32: HDF5Number { public static var hdf5Kind: Int32 { Int32(hdf5_int32) } }
extension Int: HDF5Number { public static var hdf5Kind: Int32 { Int32(hdf5_int64) } }
extension UInt8: HDF5Number { public static var hdf5Kind: Int32 { Int32(hdf5_uint8) } }

/// What values are moved to and from: the two are read and written by different calls.
enum HDF5Holder { case dataset, attribute }

extension HDF5Handle {
  /// Reads `count` numbers; the caller has checked that the file holds them.
  func numbers<Number: HDF5Number>(_ holder: HDF5Holder, count: Int) -> [Number]? {
    var values = [Number](repeating: .zero, count: count)
    guard count > 0 else { return values }
    let type = hdf5_memory_type(Number.hdf5Kind)
    let status = values.withUnsafeMutableBytes { bytes in
      holder == .dataset
        ? hdf5_read(id, type, bytes.baseAddress) : H5Aread(id, type, bytes.baseAddress)
    }
    return status < 0 ? nil : values
  }

  /// Writes numbers into a data set or attribute of their number.
  func write<Number: HDF5Number>(_ values: [Number], _ holder: HDF5Holder) -> Bool {
    guard !values.isEmpty else { return true }
    let type = hdf5_memory_type(Number.hdf5Kind)
    return values.withUnsafeBytes { bytes in
      holder == .dataset
        ? hdf5_write(id, type, bytes.baseAddress) : H5Awrite(id, type, bytes.baseAddress)
    } >= 0
  }
}

// MARK: Text

extension HDF5Handle {
  /// Reads `count` texts of any length; an inner nil is one that is not UTF-8.
  func variableTexts(
    _ holder: HDF5Holder, count: Int, type: HDF5Handle, space: HDF5Handle
  ) -> [String?]? {
    guard count > 0 else { return [] }
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let status =
      holder == .dataset
      ? hdf5_read(id, type.id, &pointers) : H5Aread(id, type.id, &pointers)
    guard status >= 0 else { return nil }
    defer { _ = hdf5_reclaim(type.id, space.id, &pointers) }
    return pointers.map { pointer in
      guard let pointer else { return "" }
      return String(validatingCString: pointer)
    }
  }

  /// Reads `count` texts of `size` bytes each; an inner nil is one that is not UTF-8.
  func fixedTexts(
    _ holder: HDF5Holder, count: Int, size: Int, type: HDF5Handle
  ) -> [String?]? {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count * size)
    let status =
      holder == .dataset ? hdf5_read(id, type.id, &bytes) : H5Aread(id, type.id, &bytes)
    guard status >= 0 else { return nil }
    return (0..<count).map { index in
      let text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
      return String(validating: text, as: UTF8.self)
    }
  }

  /// Writes texts, none of which may hold a zero byte, with a type of variable length.
  func write(_ texts: [String], _ holder: HDF5Holder, type: HDF5Handle) -> Bool {
    guard !texts.isEmpty else { return true }
    var pointers = texts.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    guard !pointers.contains(nil) else { return false }
    let status =
      holder == .dataset
      ? hdf5_write(id, type.id, &pointers) : H5Awrite(id, type.id, &pointers)
    return status >= 0
  }
}

extension HDF5Handle {
  /// Writes texts as an attribute of so many bytes each, padded with zeros.
  func write(padded texts: [String], length: Int, type: HDF5Handle) -> Bool {
    let bytes = texts.flatMap { text in
      Array(text.utf8) + Array(repeating: 0, count: length - text.utf8.count)
    }
    return bytes.withUnsafeBytes { H5Awrite(id, type.id, $0.baseAddress) } >= 0
  }

  /// Reads `count` values of two bytes each, which the library does not interpret.
  func pairsOfBytes(count: Int, type: HDF5Handle) -> [UInt16]? {
    var values = [UInt16](repeating: 0, count: count)
    guard count > 0 else { return values }
    return hdf5_read(id, type.id, &values) < 0 ? nil : values
  }

  /// Where the header of this object stands in the file, or nil where it is unreadable.
  func header() -> Range<Int>? {
    var size: UInt64 = 0
    let start = Int(hdf5_header(id, &size))
    guard start >= 0, let length = Int(exactly: size), length < Int.max - start else { return nil }
    return start..<start + length
  }
}

// MARK: Names and extents

extension HDF5Handle {
  /// The name that `read` puts into a buffer, or nil where there is none or it is not UTF-8.
  func name(_ read: (UnsafeMutablePointer<CChar>?, Int) -> Int64) -> String? {
    let length = Int(read(nil, 0))
    guard (1...65_535).contains(length) else { return nil }
    var buffer = [CChar](repeating: 0, count: length + 1)
    guard Int(read(&buffer, length + 1)) == length else { return nil }
    return String(
      validating: buffer.prefix(length).map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
  }

  /// The extents of this space; nil where it is none or a null space.
  func extents() -> [Int]? {
    var sizes = [UInt64](repeating: 0, count: hdf5_most_dimensions)
    let rank = Int(hdf5_extents(id, &sizes))
    guard rank >= 0 else { return nil }
    let extents = sizes.prefix(rank).compactMap { Int(exactly: $0) }
    return extents.count == rank ? extents : nil
  }
}

// MARK: Files in memory

/// The bytes of a flushed file in memory, which are the library's until it is closed.
struct HDF5Image: ContiguousBytes {
  private let bytes: UnsafeRawBufferPointer

  init?(_ file: HDF5Handle) {
    let count = Int(hdf5_memory_size(file.id))
    guard count > 0, let start = hdf5_memory(file.id) else { return nil }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try body(bytes)
  }
}
