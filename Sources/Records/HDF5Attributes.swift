// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// The attributes of a group or data set: small named values. A name may hold a slash.
public struct HDF5Attributes: Sendable {
  let handle: HDF5Handle
  let file: HDF5FileContext
  let place: HDF5Place
}

extension HDF5Group {
  /// This group's attributes.
  public var attributes: HDF5Attributes {
    HDF5Attributes(handle: handle, file: file, place: place)
  }
}

extension HDF5Dataset {
  /// This data set's attributes.
  public var attributes: HDF5Attributes {
    HDF5Attributes(handle: handle, file: file, place: place)
  }
}

// MARK: Reading

extension HDF5Attributes {
  /// All names, sorted.
  public func names() throws(RecordError) -> [String] {
    try HDF5Library.locked { () throws(RecordError) in
      let count = Int(hdf5_attribute_count(handle.id))
      guard count >= 0, count <= file.mostObjects else {
        throw place.libraryError("has no readable list of attributes")
      }
      return try (0..<count).map { (index) throws(RecordError) in
        let name = handle.name { hdf5_attribute_name(handle.id, Int64(index), $0, $1) }
        guard let name else { throw place.libraryError("has an attribute without a name") }
        return name
      }
    }
  }

  /// Whether there is an attribute of that name.
  public func contains(_ name: String) -> Bool {
    HDF5Library.locked { H5Aexists(handle.id, name) > 0 }
  }

  /// One text.
  public func text(_ name: String) throws(RecordError) -> String {
    try single(try texts(name), name)
  }

  /// All texts of an attribute that is a list.
  public func texts(_ name: String) throws(RecordError) -> [String] {
    try read(name) { (attribute, type, space, count, place) throws(RecordError) in
      try HDF5Space.texts(
        attribute, .attribute, count: count, type: type, space: space, at: place)
    }
  }

  /// One number, wide enough for what the file holds.
  public func number<Number: HDF5Number>(
    _ name: String, as type: Number.Type = Number.self
  ) throws(RecordError) -> Number {
    try single(try numbers(name), name)
  }

  /// All numbers of an attribute that is a list.
  public func numbers<Number: HDF5Number>(
    _ name: String, as type: Number.Type = Number.self
  ) throws(RecordError) -> [Number] {
    try read(name) { (attribute, type, _, count, place) throws(RecordError) in
      _ = try HDF5Space.requireNumber(Number.self, type, at: place)
      let values: [Number]? = attribute.numbers(.attribute, count: count)
      guard let values else { throw place.libraryError("cannot be read") }
      return values
    }
  }

  /// All names of a list as Keras keeps them: in one attribute, or, where that would be too long,
  /// in several of them, `name0`, `name1`, …; an empty list may be one of numbers.
  ///
  /// - Throws: where there is neither, or one of them is no text.
  public func nameList(_ name: String) throws(RecordError) -> [String] {
    if contains(name) { return try isEmpty(name) ? [] : texts(name) }
    var names: [String] = []
    var part = 0
    while contains("\(name)\(part)") {
      names += try texts("\(name)\(part)")
      part += 1
    }
    guard part > 0 else { throw place.attribute(name).error("is missing") }
    return names
  }

  private func isEmpty(_ name: String) throws(RecordError) -> Bool {
    try read(name) { (_, _, _, count, _) throws(RecordError) in count == 0 }
  }

  private func single<Value>(_ values: [Value], _ name: String) throws(RecordError) -> Value {
    guard values.count == 1, let value = values.first else {
      throw place.attribute(name).error("must be one value, not \(values.count)")
    }
    return value
  }

  private func read<Result>(
    _ name: String,
    _ body: (HDF5Handle, HDF5Handle, HDF5Handle, Int, HDF5Place) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    let place = place.attribute(name)
    return try HDF5Library.locked { () throws(RecordError) in
      guard contains(name) else { throw place.error("is missing") }
      let attribute = try HDF5Handle(
        hdf5_open_attribute(handle.id, name), at: place, rule: "cannot be opened")
      let type = try HDF5Handle(
        H5Aget_type(attribute.id), at: place, rule: "has no readable type")
      let space = try HDF5Handle(H5Aget_space(attribute.id), at: place, rule: "has no extents")
      guard let shape = space.extents() else { throw place.error("has no extents") }
      let count = try HDF5Space.count(shape, at: place)
      let (bytes, overflow) = count.multipliedReportingOverflow(by: Int(H5Tget_size(type.id)))
      guard !overflow, bytes <= file.size else {
        throw place.error("claims more values than the file of \(file.size) bytes holds")
      }
      return try body(attribute, type, space, count, place)
    }
  }
}
