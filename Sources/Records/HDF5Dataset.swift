// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// What an open object needs to know of its file.
struct HDF5FileContext: Sendable {
  /// Keeps the file open as long as anything in it is used.
  let handle: HDF5Handle
  /// In bytes; the bound of every size that the file declares.
  let size: Int

  /// A name in a group takes at least 32 bytes of file, so that a file with more has a loop.
  var mostObjects: Int { size / 32 }
}

/// A data set of an HDF5 file: numbers or texts, with extents and attributes.
public struct HDF5Dataset: Sendable {
  let handle: HDF5Handle
  let file: HDF5FileContext
  let place: HDF5Place

  /// Deflate packs at most 1,032 bytes into one; a chunked data set that claims more lies.
  private static let mostPacking = 1032

  /// The extents, slowest first; empty for a scalar.
  ///
  /// - Throws: where the data set holds nothing, not even a scalar.
  public func shape() throws(RecordError) -> [Int] {
    try HDF5Library.locked { () throws(RecordError) in try space().shape }
  }

  /// The numbers in row-major order.
  ///
  /// - Throws: where the values are of another kind or wider than `Number`, lie outside the file,
  ///   or claim a size that the file cannot hold.
  public func numbers<Number: HDF5Number>(
    as type: Number.Type = Number.self
  ) throws(RecordError) -> [Number] {
    try HDF5Library.locked { () throws(RecordError) in
      let type = try HDF5Handle(H5Dget_type(handle.id), at: place, rule: "has no readable type")
      let width = try HDF5Space.requireNumber(Number.self, type, at: place)
      let count = try checkedCount(elementSize: width)
      let values: [Number]? = handle.numbers(.dataset, count: count)
      guard let values else { throw place.libraryError("cannot be read") }
      return values
    }
  }

  /// The texts in row-major order.
  ///
  /// - Throws: as for numbers, and where one is not UTF-8.
  public func texts() throws(RecordError) -> [String] {
    try HDF5Library.locked { () throws(RecordError) in
      let type = try HDF5Handle(H5Dget_type(handle.id), at: place, rule: "has no readable type")
      let count = try checkedCount(elementSize: Int(H5Tget_size(type.id)))
      return try HDF5Space.texts(
        handle, .dataset, count: count, type: type, space: try space().handle, at: place)
    }
  }

  /// The number of values, once it is certain that the file holds them.
  func checkedCount(elementSize: Int) throws(RecordError) -> Int {
    let count = try HDF5Space.count(try space().shape, at: place)
    let (bytes, overflow) = count.multipliedReportingOverflow(by: elementSize)
    let stored = Int(clamping: H5Dget_storage_size(handle.id))
    guard !overflow, stored <= file.size else { throw tooLarge }
    switch Int(hdf5_layout(handle.id)) {
    case hdf5_in_file: guard bytes <= stored else { throw tooLarge }
    case hdf5_in_chunks:
      guard bytes / Self.mostPacking <= stored else { throw tooLarge }
    default: throw place.error("keeps its values outside this file, which is never followed")
    }
    return count
  }

  private var tooLarge: RecordError {
    place.error("claims more values than the file of \(file.size) bytes holds")
  }

  private func space() throws(RecordError) -> (handle: HDF5Handle, shape: [Int]) {
    let space = try HDF5Handle(H5Dget_space(handle.id), at: place, rule: "has no extents")
    guard let shape = space.extents() else { throw place.error("has no extents") }
    return (space, shape)
  }
}
