// SPDX-License-Identifier: Apache-2.0

import Records

/// Collects what an outline is made of.
final class OutlineBuilder {
  let file: String
  private(set) var layers: [WeightOutline.Layer] = []
  private(set) var datasets: [HDF5Dataset] = []
  /// The groups on the way to arrays.
  private(set) var groups: [HDF5Group] = []

  init(_ file: String) {
    self.file = file
  }

  func visit(_ group: HDF5Group) { groups.append(group) }

  /// Adds a layer with its arrays, by name and data set.
  func add(
    layer name: String, key: String? = nil, arrays: [(name: String, dataset: HDF5Dataset)]
  ) throws(RecordError) {
    var outlined: [WeightOutline.Array] = []
    for (array, dataset) in arrays {
      let outline = WeightOutline.Array(name: array, shape: try dataset.shape())
      guard outline.isCountable else {
        throw RecordError(
          file: file, object: "\(name)/\(array)",
          rule: "has the shape \(outline.shape), which nothing can hold")
      }
      outlined.append(outline)
      datasets.append(dataset)
    }
    layers.append(WeightOutline.Layer(name: name, key: key, arrays: outlined))
  }
}
