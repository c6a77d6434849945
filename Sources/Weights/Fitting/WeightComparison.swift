// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// What two weight files have different, array by array.
///
/// Files are aligned by topology: by order where both keep one, else by class and counter. Files of
/// ours among themselves are aligned by the paths of their arrays; beside one of Keras, in the
/// layers that Keras would have.
public struct WeightComparison {
  /// One array of both files.
  public struct Difference: Equatable, Sendable {
    /// As the second file calls it.
    public var layer: String
    public var array: String
    /// Values in all, and those further apart than the tolerance.
    public var count: Int
    public var differing: Int
    /// The largest |a − b|, and that over the largest |b|; NaN where there is a NaN.
    public var absolute: Float
    public var relative: Float
  }

  /// Both lists around the first place where layers, arrays or shapes differ; empty where they do
  /// not.
  public private(set) var structure = ""
  /// Arrays that both files have; none where their structure differs.
  public private(set) var arrays: [Difference] = []

  public var areEqual: Bool { structure.isEmpty && arrays.allSatisfy { $0.differing == 0 } }

  /// - Parameters:
  ///   - first: a file, of any form.
  ///   - second: another.
  ///   - tolerance: how far apart two values may be.
  /// - Throws: where a file cannot be read, or one of ours is no network of Keras' layers.
  public init(
    _ first: WeightFile, _ second: WeightFile, tolerance: Float = 0
  ) throws(WeightError) {
    let areOurs = !first.outline.isKeras && !second.outline.isKeras
    let alignment = Alignment(
      try Self.layers(of: first, beside: second), try Self.layers(of: second, beside: first),
      byKey: !areOurs && !(first.outline.isOrdered && second.outline.isOrdered),
      namesCount: areOurs)
    guard alignment.divergence == nil else {
      structure = alignment.table(
        firstTitle: printable(first.path), secondTitle: printable(second.path))
      return
    }
    var values: [Int: [Float]] = [:]
    try first.read(where: { _ in true }, requiresFinite: false) { (number, own) in
      values[number] = Self.values(own, number, of: first, beside: second)
    }
    let rows = Dictionary(
      alignment.rows.compactMap { row in row.second.map { ($0.array.number, row) } }
    ) { $1 }
    var found: [(number: Int, difference: Difference)] = []
    try second.read(where: { rows[$0] != nil }, requiresFinite: false) { (number, other) in
      guard let row = rows[number], let one = row.first, let two = row.second,
        let own = values.removeValue(forKey: one.array.number)
      else { return }
      let difference = Self.difference(
        own, Self.values(other, number, of: second, beside: first), tolerance, layer: two.layer,
        array: two.array.name)
      found.append((number, difference))
    }
    arrays = found.sorted { $0.number < $1.number }.map(\.difference)
  }

  private static func layers(
    of file: WeightFile, beside other: WeightFile
  ) throws(WeightError) -> [ListedLayer] {
    let layers = ListedLayer.layers(of: file.outline)
    guard other.outline.isKeras else { return layers }
    guard !file.outline.isKeras else { return layers.withKeys }
    let graph = try file.graph()
    let fit = try WeightFit(file.outline, to: graph, file: file.path)
    let arrays = Dictionary(fit.parameters.map { ($1, $0) }) { $1 }
    return ListedLayer.layers(of: try KerasLayers(graph)).map { layer in
      var layer = layer
      for position in layer.arrays.indices {
        layer.arrays[position].number = arrays[layer.arrays[position].number] ?? 0
      }
      return layer
    }
  }

  /// An array of ours as Keras has it, where the other file is Keras'.
  private static func values(
    _ values: [Float], _ number: Int, of file: WeightFile, beside other: WeightFile
  ) -> [Float] {
    guard !file.outline.isKeras, other.outline.isKeras else { return values }
    return KerasGroups.joined(values, file.outline.arrays[number].shape)
  }

  private static func difference(
    _ first: [Float], _ second: [Float], _ tolerance: Float, layer: String, array: String
  ) -> Difference {
    var differing = 0
    var largest: Float = 0
    var scale: Float = 0
    for (a, b) in zip(first, second) {
      let distance = a == b ? 0 : abs(a - b)
      if !(distance <= tolerance) { differing += 1 }
      largest = distance.isNaN || largest.isNaN ? .nan : max(largest, distance)
      scale = max(scale, abs(b))
    }
    return Difference(
      layer: layer, array: array, count: second.count, differing: differing, absolute: largest,
      relative: largest == 0 ? 0 : largest / scale)
  }
}

extension [ListedLayer] {
  /// The layers with the keys that Keras 3 would give them, by what their arrays are; those that
  /// have keys, or whose arrays say nothing, stay as they are.
  fileprivate var withKeys: [ListedLayer] {
    var counts: [KerasLayer.Kind: Int] = [:]
    return map { layer in
      guard layer.key == nil, let kind = layer.kind else { return layer }
      var layer = layer
      let number = counts[kind, default: 0]
      layer.key = number == 0 ? kind.key : "\(kind.key)_\(number)"
      counts[kind] = number + 1
      return layer
    }
  }
}

extension ListedLayer {
  /// The class of layer that has such arrays.
  fileprivate var kind: KerasLayer.Kind? {
    let roles = Set(arrays.compactMap(\.role))
    if roles.contains(.pointwiseKernel) { return .separableConv2D }
    if roles.contains(.depthwiseKernel) { return .depthwiseConv2D }
    if roles.contains(.movingMean) { return .batchNormalization }
    guard roles.contains(.kernel) else { return nil }
    return arrays[0].shape.count == 2 ? .dense : .conv2D
  }
}

extension WeightFile {
  /// The network that the file says it is for.
  ///
  /// - Throws: where it does not say, or there is no such network.
  public func graph() throws(WeightError) -> Graph {
    let (network, input, classes) = try described()
    do {
      return try network.graph(input: input, classes: classes)
    } catch {
      throw WeightError(file: path, object: "/@network", rule: "\(error)")
    }
  }

  /// What the file says of its network: description, images, classes.
  ///
  /// - Throws: where it does not say, or there is no such network.
  public func described() throws(WeightError) -> (NetworkDescription, Shape, classes: Int) {
    guard outline.network != nil, let input = outline.input, let classes = outline.classes,
      input.count == 3
    else { throw unknownNetwork }
    return (
      try network(), Shape(height: input[0], width: input[1], channels: input[2]), classes
    )
  }

  private var unknownNetwork: WeightError {
    WeightError(
      file: path,
      rule: "does not say what network, images and classes it is for; name them: "
        + "--network NETWORK --input HxWxC --classes N")
  }

  /// What the file says of its network alone.
  ///
  /// - Throws: where it does not say, or there is no such network.
  public func network() throws(WeightError) -> NetworkDescription {
    guard let text = outline.network else { throw unknownNetwork }
    do {
      let json = try JSON(text: text, source: "\(path): /@network")
      return try NetworkDescription(json, source: "\(path): /@network")
    } catch {
      throw WeightError(file: path, object: "/@network", rule: "\(error)")
    }
  }
}
