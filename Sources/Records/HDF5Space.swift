// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// Counts and types, checked before memory is taken.
enum HDF5Space {
  /// A space of that shape for `count` values.
  static func make(
    _ shape: [Int], count: Int, at place: HDF5Place
  ) throws(RecordError) -> HDF5Handle {
    guard shape.count <= hdf5_most_dimensions, try self.count(shape, at: place) == count
    else {
      throw place.error("has \(count) values, which is not the product of the shape \(shape)")
    }
    let extents = shape.map { UInt64($0) }
    return try HDF5Handle(
      hdf5_make_space(Int32(extents.count), extents), at: place, rule: "cannot have its shape")
  }

  /// The product of the extents.
  static func count(_ shape: [Int], at place: HDF5Place) throws(RecordError) -> Int {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw place.error("has the shape \(shape), which no file can hold")
      }
      count = product
    }
    return count
  }

  /// Checks that `Number` holds every value of the type of a file.
  ///
  /// - Returns: the bytes that one value takes in the file.
  static func requireNumber<Number: HDF5Number>(
    _ number: Number.Type, _ type: HDF5Handle, at place: HDF5Place
  ) throws(RecordError) -> Int {
    let memory = hdf5_memory_type(Number.hdf5Kind)
    let wanted = H5Tget_class(memory)
    let size = Int(H5Tget_size(type.id))
    let bits = MemoryLayout<Number>.size * 8
    guard H5Tget_class(type.id) == wanted, (1...bits / 8).contains(size) else {
      let kind = wanted == H5T_FLOAT ? "floating-point numbers" : "whole numbers"
      throw place.error("must hold \(kind) of at most \(bits) bits")
    }
    return size
  }

  /// Reads `count` texts of a data set or attribute.
  static func texts(
    _ handle: HDF5Handle, _ holder: HDF5Holder, count: Int, type: HDF5Handle, space: HDF5Handle,
    at place: HDF5Place
  ) throws(RecordError) -> [String] {
    guard H5Tget_class(type.id) == H5T_STRING else { throw place.error("must hold text") }
    let memory = try HDF5Handle(
      hdf5_text_type_like(type.id), at: place, rule: "has no readable type")
    let texts =
      H5Tis_variable_str(type.id) > 0
      ? handle.variableTexts(holder, count: count, type: memory, space: space)
      : handle.fixedTexts(holder, count: count, size: Int(H5Tget_size(type.id)), type: memory)
    guard let texts else { throw place.libraryError("cannot be read") }
    let valid = texts.compactMap { $0 }
    guard valid.count == count else { throw place.error("must be UTF-8 text") }
    return valid
  }
}
