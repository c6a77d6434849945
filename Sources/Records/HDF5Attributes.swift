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

// MARK: Writing

extension HDF5Attributes {
  /// Writes one number.
  public func write<Number: HDF5Number>(
    _ number: Number, to name: String
  ) throws(RecordError) {
    let type = try HDF5Handle(
      hdf5_file_type(Number.hdf5Kind), at: place, rule: "has an unknown type", isOwned: false)
    try make(name, type) { attribute in attribute.write([number], .attribute) }
  }

  /// Writes one text.
  ///
  /// - Throws: where it holds a zero byte.
  public func write(_ text: String, to name: String) throws(RecordError) {
    try requireNoZeroByte([text], at: place.attribute(name))
    let type = try HDF5Handle(hdf5_text_type(), at: place, rule: "has no type for text")
    try make(name, type) { attribute in attribute.write([text], .attribute, type: type) }
  }

  private func make(
    _ name: String, _ type: HDF5Handle, _ write: (HDF5Handle) -> Bool
  ) throws(RecordError) {
    let place = place.attribute(name)
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw place.error("must have a name without a zero byte")
    }
    try HDF5Library.locked { () throws(RecordError) in
      let space = try HDF5Space.make([], count: 1, at: place)
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
