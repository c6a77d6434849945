// SPDX-License-Identifier: Apache-2.0

import Records

/// Files of Keras 3: `/layers/<class>[_N]/vars/0, 1, …`, and a model inside a model as
/// `/layers/functional/layers/…`. They keep no order: HDF5 lists names by the alphabet, and the counter
/// runs within a class and a model.
enum KerasVariablesLayout {
  /// Today's name of the group, and that of Keras 2.12 and 2.13.
  static let layerGroups = ["layers", "_layer_checkpoint_dependencies"]

  static func outline(
    of root: HDF5Group, layers name: String, model: KerasModel?, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    var found: [FoundLayer] = []
    try collect(try root.group(name), named: name, at: [], into: &found, builder)
    let keys = LayerKeys(
      try found.map { (layer) throws(RecordError) in
        LayerKeys.Layer(
          path: layer.path,
          shapes: try layer.arrays.map { (array) throws(RecordError) in try array.dataset.shape() })
      })
    found.sort { keys.isBefore($0.path, $1.path) }
    let arranged = try builder.add(
      found.ordered(by: model, path: \.keys), of: model, keys: keys.keys)
    var outline = WeightOutline(format: .kerasV3, layers: builder.layers)
    outline.model = arranged
    outline.doubt = keys.doubt
    return outline
  }

  private static func collect(
    _ layers: HDF5Group, named name: String, at path: [String], into found: inout [FoundLayer],
    _ builder: OutlineBuilder
  ) throws(RecordError) {
    builder.visit(layers)
    for child in try layers.children() {
      let place = ([name] + path.flatMap { [$0, name] }).joined(separator: "/")
      guard case .group(let key) = child else {
        throw builder.error(place, "must hold layers alone")
      }
      let group = try layers.group(key)
      builder.visit(group)
      let own = path + [key]
      if group.contains(name), own.count <= 16 {
        try collect(try group.group(name), named: name, at: own, into: &found, builder)
      }
      found.append(try layer(group, own, inner: name, place: "\(place)/\(key)", builder))
    }
  }

  private static func layer(
    _ group: HDF5Group, _ path: [String], inner: String, place: String, _ builder: OutlineBuilder
  ) throws(RecordError) -> FoundLayer {
    let key = path[path.count - 1]
    try requireNothingElse(group, inner: inner, place: place, builder)
    guard group.contains("vars") else { return FoundLayer(path: path, name: key, arrays: []) }
    let variables = try group.group("vars")
    builder.visit(variables)
    var count = try variables.children().count
    // The third of a Normalization counts what it has seen.
    if key.hasPrefix("normalization"), count == 3 { count = 2 }
    let arrays = try (0..<count).map { (index) throws(RecordError) in
      ("\(index)", try variables.dataset("\(index)"))
    }
    let name =
      variables.attributes.contains("name") ? try variables.attributes.text("name") : key
    return FoundLayer(path: path, name: name, arrays: arrays)
  }

  /// Arrays outside `vars` belong to a layer's own layers, unless it is a model.
  private static func requireNothingElse(
    _ layer: HDF5Group, inner: String, place: String, _ builder: OutlineBuilder
  ) throws(RecordError) {
    // What a dropout needs to go on drawing is no weight.
    let kept = ["vars/", "seed_generator/", "\(inner)/"]
    for (path, _) in try layer.datasets() where !kept.contains(where: path.hasPrefix) {
      throw builder.error(
        "\(place)/\(path)", "belongs to a layer inside a layer, which no network here has")
    }
  }
}
