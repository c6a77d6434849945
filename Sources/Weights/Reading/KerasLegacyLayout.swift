// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Files of Keras 1 and 2: `/<layer>` with the attribute `weight_names`, arrays by those names, and
/// the order in the root's `layer_names`.
enum KerasLegacyLayout {
  static func outline(
    of root: HDF5Group, format: WeightOutline.Format, model: KerasModel?,
    into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    var found: [FoundLayer] = []
    var doubt: String?
    var named: Set<String> = []
    let names = try root.attributes.nameList("layer_names")
    for name in names {
      let layer = try root.group(name)
      builder.visit(layer)
      let arrays = try layer.attributes.nameList("weight_names").map {
        (array) throws(RecordError) in (array, try layer.dataset(array))
      }
      named.formUnion(arrays.map { "\(name)/\($0.0)" })
      let weights = arrays.filter { !NestedArrays.isState($0.0) }
      let opened = NestedArrays(weights, of: name, in: model)
      found += opened.layers
      doubt = doubt ?? opened.doubt
    }
    try leaveAside(root, but: named, of: names, builder)
    let arranged = try builder.add(found, of: model)
    var outline = WeightOutline(format: format, layers: builder.layers)
    outline.model = arranged
    outline.doubt = doubt
    outline.aside = builder.aside.map(\.name)
    outline.kerasVersion = try text("keras_version", of: root)
    outline.backend = try text("backend", of: root)
    // A file's name decides nothing: those that do not say so were written with TensorFlow.
    outline.hasTurnedKernels = outline.backend == "theano"
    return outline
  }

  /// What stands beside the layers' arrays belongs to whoever added it. But weights of the model that
  /// are no layer's have no place in a network of ours, and those of a layer that `layer_names` has lost
  /// would be missed in silence.
  private static func leaveAside(
    _ root: HDF5Group, but named: Set<String>, of layers: [String], _ builder: OutlineBuilder
  ) throws(RecordError) {
    for (path, dataset) in try root.datasets() where !named.contains(path) {
      let top = path.split(separator: "/").first.map(String.init) ?? path
      let isNamed = top == path || layers.contains { $0 == top || $0.hasPrefix("\(top)/") }
      let isLayer =
        isNamed ? false : try root.group(top).attributes.contains("weight_names")
      guard !isLayer else {
        throw builder.error(top, "holds weights that belong to no layer")
      }
      builder.leaveAside(path, dataset)
    }
  }

  private static func text(_ name: String, of group: HDF5Group) throws(RecordError) -> String? {
    group.attributes.contains(name) ? try group.attributes.text(name) : nil
  }
}
