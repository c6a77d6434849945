// SPDX-License-Identifier: Apache-2.0

import Records

/// An array of a file, by name.
typealias NamedDataset = (name: String, dataset: HDF5Dataset)

/// Collects what an outline is made of.
final class OutlineBuilder {
  let file: String
  private(set) var layers: [WeightOutline.Layer] = []
  private(set) var datasets: [HDF5Dataset] = []
  /// The groups on the way to arrays.
  private(set) var groups: [HDF5Group] = []
  /// Arrays that are in the file, and in no layer.
  private(set) var aside: [NamedDataset] = []

  init(_ file: String) {
    self.file = file
  }

  func visit(_ group: HDF5Group) { groups.append(group) }

  func leaveAside(_ name: String, _ dataset: HDF5Dataset) { aside.append((name, dataset)) }

  /// Adds a layer with its arrays, by name and data set.
  func add(
    layer name: String, key: String? = nil, model: String? = nil, arrays: [NamedDataset]
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
    layers.append(WeightOutline.Layer(name: name, key: key, model: model, arrays: outlined))
  }

  func error(_ object: String, _ rule: String) -> RecordError {
    RecordError(file: file, object: object, rule: rule)
  }
}
