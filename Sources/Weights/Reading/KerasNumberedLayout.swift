// SPDX-License-Identifier: Apache-2.0

import Records

/// Files of Keras 0: `/layer_N/param_M`, counted from 0, with the attributes `nb_layers` and
/// `nb_params`. They say neither names nor a backend.
enum KerasNumberedLayout {
  static let mark = "nb_layers"

  static func outline(
    of root: HDF5Group, into builder: OutlineBuilder
  ) throws(RecordError) -> WeightOutline {
    for number in 0..<(try count(root, mark, builder)) {
      let name = "layer_\(number)"
      let layer = try root.group(name)
      builder.visit(layer)
      let arrays = try (0..<(try count(layer, "nb_params", builder))).map {
        (index) throws(RecordError) in ("param_\(index)", try layer.dataset("param_\(index)"))
      }
      try builder.add(layer: name, arrays: arrays)
    }
    return WeightOutline(format: .kerasNumbered, layers: builder.layers)
  }

  private static func count(
    _ group: HDF5Group, _ name: String, _ builder: OutlineBuilder
  ) throws(RecordError) -> Int {
    let count: Int = try group.attributes.number(name)
    guard (0...1 << 16).contains(count) else {
      throw builder.error("@\(name)", "is \(count); it must be from 0 to \(1 << 16)")
    }
    return count
  }
}
