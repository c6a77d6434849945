// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// A group of an HDF5 file: names that lead to groups and data sets, and attributes.
public struct HDF5Group: Sendable {
  let handle: HDF5Handle
  let file: HDF5FileContext
  let place: HDF5Place
  private static let mostLevels = 64

  /// What a name in a group leads to.
  public enum Child: Sendable {
    case group(name: String)
    case dataset(name: String)
  }

  /// The root of an open file.
  init(root: HDF5Handle, path: String, fileSize: Int) throws(RecordError) {
    place = HDF5Place(file: path, object: "/")
    file = HDF5FileContext(handle: root, size: fileSize)
    handle = try HDF5Handle(
      hdf5_open_object(root.id, "/"), at: place, rule: "has no readable root group")
  }

  init(_ handle: HDF5Handle, _ file: HDF5FileContext, _ place: HDF5Place) {
    self.handle = handle
    self.file = file
    self.place = place
  }
}

// MARK: Reading

extension HDF5Group {
  /// Whether a name, not a path, stands in this group.
  public func contains(_ name: String) -> Bool {
    HDF5Library.locked { Int(hdf5_link_kind(handle.id, name)) != hdf5_link_missing }
  }

  /// The group that a path such as `a/b` leads to from here.
  ///
  /// - Throws: where a name is missing, is a link to elsewhere, or leads to something else.
  public func group(_ path: String) throws(RecordError) -> HDF5Group {
    var group = self
    for name in try Self.components(path, at: place) {
      let (handle, place) = try group.open(name, kind: H5I_GROUP, rule: "must be a group")
      group = HDF5Group(handle, file, place)
    }
    return group
  }

  /// The data set that a path such as `a/b` leads to from here.
  ///
  /// - Throws: where a name is missing, is a link to elsewhere, or leads to something else.
  public func dataset(_ path: String) throws(RecordError) -> HDF5Dataset {
    let names = try Self.components(path, at: place)
    let parent = try group(names.dropLast().joined(separator: "/"))
    let (handle, place) = try parent.open(
      names.last ?? "", kind: H5I_DATASET, rule: "must be a data set")
    return HDF5Dataset(handle: handle, file: file, place: place)
  }

  /// All groups and data sets directly inside, sorted by name.
  ///
  /// - Throws: where a name is unreadable, or a link leads elsewhere.
  public func children() throws(RecordError) -> [Child] {
    try HDF5Library.locked { () throws(RecordError) in
      let count = Int(hdf5_child_count(handle.id))
      guard count >= 0, count <= file.mostObjects else {
        throw place.libraryError("has no readable list of names")
      }
      return try (0..<count).map { (index) throws(RecordError) in
        let name = handle.name { hdf5_child_name(handle.id, Int64(index), $0, $1) }
        guard let name else { throw place.libraryError("has a name that cannot be read") }
        return try child(name)
      }
    }
  }

  /// All data sets in and below this group, with their paths from here, in order of name.
  ///
  /// - Throws: as `children`, and where a group stands inside itself.
  public func datasets() throws(RecordError) -> [(path: String, dataset: HDF5Dataset)] {
    var found: [(path: String, dataset: HDF5Dataset)] = []
    var objects = 0
    try collect(into: &found, prefix: "", depth: 0, objects: &objects)
    return found
  }

  private func collect(
    into found: inout [(path: String, dataset: HDF5Dataset)], prefix: String,
    depth: Int, objects: inout Int
  ) throws(RecordError) {
    for child in try children() {
      objects += 1
      guard objects <= file.mostObjects, depth < Self.mostLevels else {
        throw place.error("holds more than the file can: a group stands inside itself")
      }
      switch child {
      case .dataset(let name): found.append((prefix + name, try dataset(name)))
      case .group(let name):
        try group(name).collect(
          into: &found, prefix: "\(prefix)\(name)/", depth: depth + 1, objects: &objects)
      }
    }
  }

  private func child(_ name: String) throws(RecordError) -> Child {
    let (object, place) = try open(name, kind: nil, rule: "")
    switch H5Iget_type(object.id) {
    case H5I_GROUP: return .group(name: name)
    case H5I_DATASET: return .dataset(name: name)
    default: throw place.error("must be a group or a data set")
    }
  }

  private func open(
    _ name: String, kind: H5I_type_t?, rule: String
  ) throws(RecordError) -> (HDF5Handle, HDF5Place) {
    let place = place.child(name)
    return try HDF5Library.locked { () throws(RecordError) in
      switch Int(hdf5_link_kind(handle.id, name)) {
      case hdf5_link_missing: throw place.error("is missing")
      case hdf5_link_hard: break
      default: throw place.error("is a soft or external link, which is never followed")
      }
      let object = try HDF5Handle(
        hdf5_open_object(handle.id, name), at: place, rule: "cannot be opened")
      guard let kind else { return (object, place) }
      guard H5Iget_type(object.id) == kind else { throw place.error(rule) }
      return (object, place)
    }
  }

  static func components(
    _ path: String, at place: HDF5Place
  ) throws(RecordError) -> [String] {
    guard !path.isEmpty else { return [] }
    let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    for name in names where name.isEmpty || name == "." || name == ".." || name.contains("\0") {
      throw place.child(path).error("must be names joined by /, none of them empty, . or ..")
    }
    return names
  }
}
