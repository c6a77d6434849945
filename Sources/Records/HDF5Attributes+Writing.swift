// SPDX-License-Identifier: Apache-2.0

import CHDF5

// MARK: Writing

extension HDF5Attributes {
  /// Writes one number.
  public func write<Number: HDF5Number>(
    _ number: Number, to name: String
  ) throws(RecordError) {
    try write([number], shape: [], to: name)
  }

  /// Writes a list of numbers.
  public func write<Number: HDF5Number>(
    _ numbers: [Number], to name: String
  ) throws(RecordError) {
    try write(numbers, shape: [numbers.count], to: name)
  }

  private func write<Number: HDF5Number>(
    _ numbers: [Number], shape: [Int], to name: String
  ) throws(RecordError) {
    let type = try HDF5Handle(
      hdf5_file_type(Number.hdf5Kind), at: place, rule: "has an unknown type", isOwned: false)
    try make(name, type, shape: shape, count: numbers.count) { attribute in
      attribute.write(numbers, .attribute)
    }
  }

  /// Writes one text.
  ///
  /// - Throws: where it holds a zero byte.
  public func write(_ text: String, to name: String) throws(RecordError) {
    try requireNoZeroByte([text], at: place.attribute(name))
    let type = try HDF5Handle(hdf5_text_type(), at: place, rule: "has no type for text")
    try make(name, type) { attribute in attribute.write([text], .attribute, type: type) }
  }

  /// Writes a list of names as Keras 2 does: padded with zeros to one length, in one attribute, or
  /// in as many, `name0`, `name1`, …, as keep each within 64,512 bytes; an empty list as one of
  /// numbers.
  ///
  /// - Throws: where a name holds a zero byte, or is longer than an attribute may be.
  public func write(nameList names: [String], to name: String) throws(RecordError) {
    guard !names.isEmpty else { return try write([Double](), to: name) }
    try requireNoZeroByte(names, at: place.attribute(name))
    let length = max(1, names.map(\.utf8.count).max() ?? 1)
    let most = Self.mostBytes / length
    guard most > 0 else {
      throw place.attribute(name).error("has a name of \(length) bytes; \(Self.mostBytes) fit")
    }
    let type = try HDF5Handle(
      hdf5_padded_text_type(length), at: place, rule: "has no type for text")
    let parts = (names.count + most - 1) / most
    for part in 0..<parts {
      let slice = Array(names[names.count * part / parts..<names.count * (part + 1) / parts])
      let own = parts == 1 ? name : "\(name)\(part)"
      try make(own, type, shape: [slice.count], count: slice.count) { attribute in
        attribute.write(padded: slice, length: length, type: type)
      }
    }
  }

  /// What Keras allows an attribute; HDF5 keeps at most 64 KiB in an object's header.
  private static let mostBytes = 64_512

  private func make(
    _ name: String, _ type: HDF5Handle, shape: [Int] = [], count: Int = 1,
    _ write: (HDF5Handle) -> Bool
  ) throws(RecordError) {
    let place = place.attribute(name)
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw place.error("must have a name without a zero byte")
    }
    try HDF5Library.locked { () throws(RecordError) in
      let space = try HDF5Space.make(shape, count: count, at: place)
      let made = try HDF5Handle(
        hdf5_make_attribute(handle.id, name, type.id, space.id), at: place,
        rule: "cannot be made")
      guard write(made) else { throw place.libraryError("cannot be written") }
    }
  }
}

/// HDF5 ends a text at its first zero byte, so one that holds it would come back shorter.
func requireNoZeroByte(_ texts: [String], at place: HDF5Place) throws(RecordError) {
  guard !texts.contains(where: { $0.utf8.contains(0) }) else {
    throw place.error("must not hold a zero byte")
  }
}
