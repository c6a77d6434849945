// SPDX-License-Identifier: Apache-2.0

/// What run files and checkpoints have in common: dictionaries, curves and tensors in groups.
extension HDF5Group {
  /// Refuses a file of another kind or of a version that is not known.
  func requireSchema(_ schema: String) throws(RecordError) {
    let found = try attributes.text("schema")
    guard found == schema else {
      throw place.attribute("schema").error("is \"\(found)\"; it must be \"\(schema)\"")
    }
  }

  /// Writes every number as an attribute of a group, in order of name.
  func write<Number: HDF5Number>(
    _ numbers: [String: Number], to name: String
  ) throws(RecordError) {
    let group = try makeGroup(name)
    for (key, value) in numbers.sorted(by: { $0.key < $1.key }) {
      try group.attributes.write(value, to: key)
    }
  }

  /// Writes every text as an attribute of a group, in order of name.
  func write(_ texts: [String: String], to name: String) throws(RecordError) {
    let group = try makeGroup(name)
    for (key, value) in texts.sorted(by: { $0.key < $1.key }) {
      try group.attributes.write(value, to: key)
    }
  }

  /// All attributes of a group as numbers by name.
  func numbers<Number: HDF5Number>(_ name: String) throws(RecordError) -> [String: Number] {
    let attributes = try group(name).attributes
    var numbers: [String: Number] = [:]
    for key in try attributes.names() { numbers[key] = try attributes.number(key) }
    return numbers
  }

  /// All attributes of a group as texts by name.
  func texts(_ name: String) throws(RecordError) -> [String: String] {
    let attributes = try group(name).attributes
    var texts: [String: String] = [:]
    for key in try attributes.names() { texts[key] = try attributes.text(key) }
    return texts
  }

  /// Writes every curve as a data set of one dimension under `/curves`.
  func write(curves: [String: [Double]]) throws(RecordError) {
    let group = try makeGroup("curves")
    for (name, values) in curves.sorted(by: { $0.key < $1.key }) {
      try group.write(values, shape: [values.count], to: name)
    }
  }

  /// The curves under `/curves`, by their paths from there.
  func curves() throws(RecordError) -> [String: [Double]] {
    var curves: [String: [Double]] = [:]
    for (path, dataset) in try group("curves").datasets() {
      guard try dataset.shape().count == 1 else {
        throw dataset.place.error("must have one dimension")
      }
      curves[path] = try dataset.numbers()
    }
    return curves
  }

  /// Writes tensors under a group; the attribute `index` keeps their order.
  func write(_ tensors: [NamedTensor], to name: String) throws(RecordError) {
    let group = try makeGroup(name)
    for (index, tensor) in tensors.enumerated() {
      let dataset = try group.write(tensor.values, shape: tensor.shape, to: tensor.path)
      try dataset.attributes.write(index, to: "index")
    }
  }

  /// The tensors under a group, in their order.
  func tensors(_ name: String) throws(RecordError) -> [NamedTensor] {
    var tensors: [(index: Int, tensor: NamedTensor)] = []
    for (path, dataset) in try group(name).datasets() {
      let tensor = NamedTensor(
        path: path, shape: try dataset.shape(), values: try dataset.numbers())
      tensors.append((try dataset.attributes.number("index"), tensor))
    }
    return tensors.sorted { $0.index < $1.index }.map(\.tensor)
  }
}
