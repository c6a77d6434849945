// SPDX-License-Identifier: Apache-2.0

import CHDF5

// MARK: Writing

extension HDF5Group {
  /// Makes a group, and those on the way to it.
  ///
  /// - Throws: where a name on the way is a data set, or the path is no path.
  @discardableResult
  public func makeGroup(_ path: String) throws(RecordError) -> HDF5Group {
    var group = self
    for name in try Self.components(path, at: place) {
      group = group.contains(name) ? try group.group(name) : try group.makeChild(name)
    }
    return group
  }

  private func makeChild(_ name: String) throws(RecordError) -> HDF5Group {
    let place = place.child(name)
    return try HDF5Library.locked { () throws(RecordError) in
      let made = try HDF5Handle(
        hdf5_make_group(handle.id, name), at: place, rule: "cannot be made")
      return HDF5Group(made, file, place)
    }
  }

  /// Writes numbers as a little-endian, contiguous data set; groups on the way are made.
  ///
  /// - Parameters:
  ///   - values: in row-major order.
  ///   - shape: the extents, slowest first; empty for a scalar.
  ///   - path: of the data set, from this group.
  /// - Throws: where the shape is not that of the values, or something of the name is there.
  @discardableResult
  public func write<Number: HDF5Number>(
    _ values: [Number], shape: [Int], to path: String
  ) throws(RecordError) -> HDF5Dataset {
    let type = try HDF5Handle(
      hdf5_file_type(Number.hdf5Kind), at: place, rule: "has an unknown type", isOwned: false)
    let dataset = try makeDataset(path, type: type, shape: shape, count: values.count)
    guard HDF5Library.locked({ dataset.handle.write(values, .dataset) }) else {
      throw dataset.place.libraryError("cannot be written")
    }
    return dataset
  }

  /// Writes texts as a data set; groups on the way are made.
  ///
  /// - Throws: as for numbers, and where a text holds a zero byte.
  @discardableResult
  public func write(
    _ texts: [String], shape: [Int], to path: String
  ) throws(RecordError) -> HDF5Dataset {
    try requireNoZeroByte(texts, at: place.child(path))
    let type = try HDF5Handle(hdf5_text_type(), at: place, rule: "has no type for text")
    let dataset = try makeDataset(path, type: type, shape: shape, count: texts.count)
    guard HDF5Library.locked({ dataset.handle.write(texts, .dataset, type: type) }) else {
      throw dataset.place.libraryError("cannot be written")
    }
    return dataset
  }

  private func makeDataset(
    _ path: String, type: HDF5Handle, shape: [Int], count: Int
  ) throws(RecordError) -> HDF5Dataset {
    let names = try Self.components(path, at: place)
    guard let name = names.last else { throw place.error("cannot be a data set") }
    let parent = try makeGroup(names.dropLast().joined(separator: "/"))
    let place = parent.place.child(name)
    guard !parent.contains(name) else { throw place.error("is there already") }
    return try HDF5Library.locked { () throws(RecordError) in
      let space = try HDF5Space.make(shape, count: count, at: place)
      let made = try HDF5Handle(
        hdf5_make_dataset(parent.handle.id, name, type.id, space.id), at: place,
        rule: "cannot be made")
      return HDF5Dataset(handle: made, file: file, place: place)
    }
  }
}
