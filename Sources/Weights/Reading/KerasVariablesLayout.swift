// SPDX-License-Identifier: Apache-2.0

import Records

/// Files of Keras 3: `/layers/<class>[_N]/vars/0, 1, …`. They keep no order: HDF5 lists names by
/// the alphabet, and the counter runs within a class.
enum KerasVariablesLayout {
  /// Today's name of the group, and that of Keras 2.12 and 2.13.
  static let layerGroups = ["layers", "_layer_checkpoint_dependencies"]

  static func outline(
    of root: HDF5Group, layers name: String, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    let layers = try root.group(name)
    builder.visit(layers)
    var keys: [Key] = []
    for child in try layers.children() {
      guard case .group(let key) = child else {
        throw RecordError(file: builder.file, object: name, rule: "must hold layers alone")
      }
      keys.append(Key(key))
    }
    for key in keys.sorted() {
      let group = try layers.group(key.text)
      builder.visit(group)
      try add(group, key.text, in: name, to: builder)
    }
    return WeightOutline(format: .kerasV3, layers: builder.layers)
  }

  private static func add(
    _ layer: HDF5Group, _ key: String, in parent: String, to builder: OutlineBuilder
  ) throws(RecordError) {
    try requireNothingElse(layer, place: "\(parent)/\(key)", builder.file)
    guard layer.contains("vars") else { return try builder.add(layer: key, key: key, arrays: []) }
    let variables = try layer.group("vars")
    builder.visit(variables)
    let count = try variables.children().count
    let arrays = try (0..<count).map { (index) throws(RecordError) in
      ("\(index)", try variables.dataset("\(index)"))
    }
    let name =
      variables.attributes.contains("name") ? try variables.attributes.text("name") : key
    try builder.add(layer: name, key: key, arrays: arrays)
  }

  /// Arrays outside `vars` belong to a model inside the model or to a layer's own layers.
  private static func requireNothingElse(
    _ layer: HDF5Group, place: String, _ file: String
  ) throws(RecordError) {
    // What a dropout needs to go on drawing is no weight.
    let kept = ["vars/", "seed_generator/"]
    for (path, _) in try layer.datasets() where !kept.contains(where: path.hasPrefix) {
      throw RecordError(
        file: file, object: "\(place)/\(path)",
        rule: "belongs to a layer inside a layer, which no network here has")
    }
  }

  /// A class with its counter, in the order in which Keras counts.
  private struct Key: Comparable {
    let text: String
    private let kind: Substring
    private let number: Int

    init(_ text: String) {
      self.text = text
      let digits = text.reversed().prefix { $0.isASCII && $0.isNumber }.count
      let stem = text.dropLast(digits)
      if digits > 0, stem.hasSuffix("_"), let number = Int(text.suffix(digits)) {
        (kind, self.number) = (stem.dropLast(), number)
      } else {
        (kind, number) = (text[...], 0)
      }
    }

    static func < (first: Key, second: Key) -> Bool {
      (first.kind, first.number, first.text) < (second.kind, second.number, second.text)
    }
  }
}
