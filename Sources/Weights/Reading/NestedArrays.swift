// SPDX-License-Identifier: Apache-2.0

import Records

/// The arrays of one name of a legacy file, by layer: a model inside a model stands there as one layer
/// with all its arrays, those that learned before the others.
struct NestedArrays {
  private(set) var layers: [FoundLayer] = []
  /// Why their order is not certain; nil where it is.
  private(set) var doubt: String?

  /// Counters and states of random numbers, which are no weights.
  static func isState(_ name: String) -> Bool {
    let stem = name.split(separator: "/").last?.split(separator: ":").first ?? ""
    return ["count", "StateVar", "seed_generator_state", "state"].contains(stem)
  }

  init(_ arrays: [NamedDataset], of name: String, in model: KerasModel?) {
    let leaves = model?.leaves.filter { $0.path.first == name } ?? []
    if leaves.contains(where: { $0.path.count > 1 }) {
      layers = Self.byName(arrays, leaves) ?? Self.byOrder(arrays, leaves)
    } else if leaves.isEmpty, Set(arrays.map { Self.prefix($0.name) }).count > 1 {
      layers = Self.byPrefix(arrays, of: name)
      doubt = Self.doubt(about: arrays)
    } else {
      layers = [FoundLayer(path: [name], name: name, arrays: arrays)]
    }
  }

  private static func prefix(_ array: String) -> String {
    array.split(separator: "/").dropLast().joined(separator: "/")
  }

  /// By the layer that every array's name gives; nil where one gives none, or several.
  private static func byName(
    _ arrays: [NamedDataset], _ leaves: [KerasModel.Leaf]
  ) -> [FoundLayer]? {
    var found: [Int: [NamedDataset]] = [:]
    for array in arrays {
      let prefix = "/" + Self.prefix(array.name)
      let owners = leaves.indices.filter { prefix.hasSuffix("/" + (leaves[$0].path.last ?? "")) }
      // `base/conv` ends in both `conv` and `base/conv`, which are names of layers.
      let longest = owners.map { leaves[$0].path.last?.count ?? 0 }.max()
      let best = owners.filter { leaves[$0].path.last?.count == longest }
      guard best.count == 1, let owner = best.first else { return nil }
      found[owner, default: []].append(array)
    }
    let layers = leaves.indices.compactMap { position -> FoundLayer? in
      let leaf = leaves[position]
      guard let own = found[position] else { return nil }
      return FoundLayer(path: leaf.path, name: leaf.name, arrays: own)
    }
    let counts = Dictionary(leaves.map { ($0.path, $0.roles.count) }) { first, _ in first }
    return layers.allSatisfy { counts[$0.path] == $0.arrays.count || counts[$0.path] == 0 }
      ? layers : nil
  }

  /// By Keras' order: what learned, layer by layer, then what did not.
  private static func byOrder(
    _ arrays: [NamedDataset], _ leaves: [KerasModel.Leaf]
  ) -> [FoundLayer] {
    let places = leaves.indices.flatMap { leaf in
      leaves[leaf].roles.indices.map { (leaf: leaf, role: $0) }
    }
    func learned(_ place: (leaf: Int, role: Int)) -> Bool {
      let role = leaves[place.leaf].roles[place.role]
      return leaves[place.leaf].isTrainable && role != .movingMean && role != .movingVariance
    }
    let order = places.filter(learned) + places.filter { !learned($0) }
    guard order.count == arrays.count else {
      let path = Array(leaves[0].path.prefix(1))
      return [FoundLayer(path: path, name: path[0], arrays: arrays)]
    }
    var found = leaves.map { leaf in
      (leaf: leaf, arrays: [NamedDataset?](repeating: nil, count: leaf.roles.count))
    }
    for (place, array) in zip(order, arrays) { found[place.leaf].arrays[place.role] = array }
    return found.map {
      FoundLayer(path: $0.leaf.path, name: $0.leaf.name, arrays: $0.arrays.compactMap(\.self))
    }
  }

  /// Where nothing says how the model is built: in the order in which layers are first named.
  private static func byPrefix(_ arrays: [NamedDataset], of name: String) -> [FoundLayer] {
    var order: [String] = []
    var found: [String: [NamedDataset]] = [:]
    for array in arrays {
      let prefix = Self.prefix(array.name)
      if found[prefix] == nil { order.append(prefix) }
      found[prefix, default: []].append(array)
    }
    return order.map { prefix in
      let layer = prefix.hasPrefix("\(name)/") ? prefix : "\(name)/\(prefix)"
      return FoundLayer(path: [name, prefix], name: layer, arrays: found[prefix] ?? [])
    }
  }

  /// Layers that did not learn come last, so that they may stand in another order than the network's.
  ///
  /// Batch norms tell: their statistics stand behind all that learned, or, in a model that did not
  /// learn at all, with the rest of each. Without any, names that count backwards do.
  private static func doubt(about arrays: [NamedDataset]) -> String? {
    let places = Dictionary(grouping: arrays.indices) { prefix(arrays[$0].name) }
    let norms = places.values.filter { own in
      own.contains { KerasRole(inName: arrays[$0].name) == .movingMean }
    }
    let together = norms.count { $0[$0.count - 1] - $0[0] == $0.count - 1 }
    guard together == 0 || together == norms.count else {
      return "some of its layers were frozen, so that the order of its arrays is not certain"
    }
    return norms.isEmpty ? backwards(arrays.map { prefix($0.name) }) : nil
  }

  private static func backwards(_ names: [String]) -> String? {
    var last: [[Substring]: [Int]] = [:]
    for name in names {
      // `conv2d` is the one before `conv2d_1`.
      let stem = name.split { ($0.isASCII && $0.isNumber) || $0 == "_" }
      let numbers = name.split { !($0.isASCII && $0.isNumber) }.compactMap { Int($0) }
      if let known = last[stem], numbers.lexicographicallyPrecedes(known) {
        return "\(printable(name)) stands behind a layer of a higher number, so that the order of "
          + "its arrays is not certain"
      }
      last[stem] = numbers
    }
    return nil
  }
}
