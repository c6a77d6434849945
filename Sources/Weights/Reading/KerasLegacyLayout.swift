// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Files of Keras 1 and 2: `/<layer>` with the attribute `weight_names`, arrays by those names, and
/// the order in the root's `layer_names`.
enum KerasLegacyLayout {
  static func outline(
    of root: HDF5Group, format: WeightOutline.Format, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    let names = try root.attributes.nameList("layer_names")
    for name in names {
      let layer = try root.group(name)
      builder.visit(layer)
      let arrays = try layer.attributes.nameList("weight_names").map {
        (array) throws(RecordError) in (array, try layer.dataset(array))
      }
      let held = try layer.datasets().count
      guard held == arrays.count else {
        throw RecordError(
          file: builder.file, object: name,
          rule: "holds \(held) arrays and names \(arrays.count) of them in weight_names")
      }
      try builder.add(layer: name, arrays: arrays)
    }
    try requireNothingAside(root, layers: Set(names), builder)
    var outline = WeightOutline(format: format, layers: builder.layers)
    outline.kerasVersion = try text("keras_version", of: root)
    outline.backend = try text("backend", of: root)
    outline.hasTurnedKernels = isTheano(outline, file: builder.file)
    return outline
  }

  /// Weights that belong to the model and to no layer have no place in a network of ours; those of a
  /// layer that `layer_names` has lost would be missed in silence.
  private static func requireNothingAside(
    _ root: HDF5Group, layers: Set<String>, _ builder: OutlineBuilder
  ) throws(RecordError) {
    for case .group(let name) in try root.children() where !layers.contains(name) {
      let group = try root.group(name)
      builder.visit(group)
      guard try group.datasets().isEmpty else {
        throw RecordError(
          file: builder.file, object: name, rule: "holds weights that belong to no layer")
      }
    }
  }

  private static func text(_ name: String, of group: HDF5Group) throws(RecordError) -> String? {
    group.attributes.contains(name) ? try group.attributes.text(name) : nil
  }

  /// Files of the years before `backend` was written say it in their names.
  private static func isTheano(_ outline: WeightOutline, file: String) -> Bool {
    if let backend = outline.backend { return backend == "theano" }
    return (file as NSString).lastPathComponent.contains("th_kernels")
  }
}
