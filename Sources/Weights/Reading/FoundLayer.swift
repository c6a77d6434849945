// SPDX-License-Identifier: Apache-2.0

import Records

/// A layer as a file of Keras holds it, before it is known where it stands in the model.
struct FoundLayer {
  /// The models around it, and itself: by name in legacy files, by class and counter in others.
  var path: [String]
  var name: String
  var arrays: [NamedDataset]

  /// The models around it.
  var model: String? { path.count > 1 ? path.dropLast().joined(separator: "/") : nil }
}

extension [FoundLayer] {
  /// The layers in the order of the model that the file describes; what it does not name comes last.
  ///
  /// - Parameter path: how the file knows a layer.
  func ordered(
    by model: KerasModel?, path: (KerasModel.Leaf) -> [String]
  ) -> [FoundLayer] {
    guard let model else { return self }
    var rest = Dictionary(map { ($0.path, $0) }) { first, _ in first }
    let named = model.leaves.compactMap { leaf -> FoundLayer? in
      guard var layer = rest.removeValue(forKey: path(leaf)) else { return nil }
      layer.name = leaf.name
      return layer
    }
    return named + filter { rest[$0.path] != nil }
  }
}

extension OutlineBuilder {
  /// Adds layers in their order.
  ///
  /// - Parameter keys: class and counter of every layer, by its path in the file.
  /// - Returns: the model, with numbers in place of Normalization's arrays.
  func add(
    _ found: [FoundLayer], of model: KerasModel?, keys: [[String]: String] = [:]
  ) throws(RecordError) -> KerasModel? {
    var model = model
    for layer in found {
      if try model?.absorb(layer) == true { continue }
      try add(layer: layer.name, key: keys[layer.path], model: layer.model, arrays: layer.arrays)
    }
    return model
  }
}

extension KerasModel {
  /// Puts the numbers of a Normalization in place of its arrays.
  ///
  /// - Returns: whether the layer is one.
  fileprivate mutating func absorb(_ layer: FoundLayer) throws(RecordError) -> Bool {
    let positions = nodes.indices.filter {
      nodes[$0].layer == layer.name && nodes[$0].op == .normalization
    }
    guard !positions.isEmpty, layer.arrays.count >= 2 else { return false }
    let numbers = try layer.arrays.prefix(2).map { (_, array) throws(RecordError) in
      try array.floats().map(Double.init)
    }
    for position in positions {
      let isUsable =
        numbers[0].count == numbers[1].count && !numbers[0].isEmpty
        && numbers.joined().allSatisfy(\.isFinite) && numbers[1].allSatisfy { $0 >= 0 }
      nodes[position].op =
        isUsable
        ? Front.normalization(mean: numbers[0], variance: numbers[1])
        : .unknown("a Normalization whose numbers make no sense")
    }
    return true
  }
}
