// SPDX-License-Identifier: Apache-2.0

import Engine

/// Which array of a file is which parameter of a network.
///
/// Keras' files are matched by topology: layers without weights are left out on both sides, the
/// others taken in Keras' order (or, where a file keeps none, by class and counter), and every
/// array's shape compared. Names decide nothing, but one that says another kind of array is an
/// error. Our own files name their arrays as the network does.
public struct WeightFit: Equatable, Sendable {
  /// What to do about a last dense layer of other classes.
  public enum Classifier: Hashable, Sendable {
    /// It must match as everything else.
    case mustMatch
    /// Where it has another number of classes, or the file has none, or names others than these,
    /// the network's stays as it is.
    case mayDiffer(classNames: [String])
  }

  /// By position in the file: the parameter that the array is for.
  public let parameters: [Int: Int]
  /// The parameters that keep their own values.
  public let fresh: [Int]

  /// - Throws: both lists around the first place where they differ.
  public init(
    _ outline: WeightOutline, to graph: Graph, file: String,
    classifier: Classifier = .mustMatch
  ) throws(WeightError) {
    let theirs = ListedLayer.layers(of: outline)
    let ours =
      outline.isKeras
      ? ListedLayer.layers(of: try KerasLayers(graph)) : ListedLayer.layers(of: graph)
    func align(_ theirs: [ListedLayer], _ ours: [ListedLayer]) -> Alignment {
      Alignment(
        theirs, ours, byKey: !outline.isOrdered, namesCount: !outline.isKeras)
    }
    var alignment = align(theirs, ours)
    var fresh: [Int] = []
    if case .mayDiffer(let names) = classifier,
      alignment.divergence != nil || outline.classNames.map({ $0 != names }) == true,
      let last = ours.lastIndex(where: { Self.isClassifier($0, of: graph) })
    {
      var base = ours
      fresh = base.remove(at: last).arrays.map(\.number)
      alignment = align(Self.withoutClassifier(theirs, like: ours[last], base.count), base)
    }
    guard alignment.divergence == nil else {
      throw Self.mismatch(alignment, outline, graph, file)
    }
    self.fresh = fresh.sorted()
    parameters = Dictionary(
      uniqueKeysWithValues: alignment.rows.compactMap { row in
        guard let first = row.first, let second = row.second else { return nil }
        return (first.array.number, second.array.number)
      })
  }

  /// Whether a layer is the dense one that gives the network's output.
  private static func isClassifier(_ layer: ListedLayer, of graph: Graph) -> Bool {
    let output = graph.nodes[graph.output.index]
    return output.op is Dense && layer.arrays.map(\.number) == Array(output.parameters)
  }

  /// The file's layers without the one that has the classifier's shape but for the classes; all
  /// of them where there is none to leave out.
  private static func withoutClassifier(
    _ layers: [ListedLayer], like classifier: ListedLayer, _ count: Int
  ) -> [ListedLayer] {
    let position = layers.lastIndex { layer in
      layer.arrays.map(\.shape.count) == [2, 1]
        && layer.arrays[0].shape[0] == classifier.arrays[0].shape[0]
        && layer.arrays[0].shape[1] == layer.arrays[1].shape[0]
    }
    guard let position, layers.count > count else { return layers }
    var base = layers
    base.remove(at: position)
    return base
  }

  private static func mismatch(
    _ alignment: Alignment, _ outline: WeightOutline, _ graph: Graph, _ file: String
  ) -> WeightError {
    let theirs = alignment.rows.count { $0.first != nil }
    let ours = alignment.rows.count { $0.second != nil }
    let position = (alignment.divergence ?? 0) + 1
    let classes = graph.outputShape.channels
    return WeightError(
      file: file,
      rule: "does not fit \(graph.name) for \(graph.inputShape) and \(classes) classes: "
        + "its \(theirs) arrays and the network's \(ours) differ from number \(position) on; "
        + "nothing is loaded",
      table: alignment.table(
        firstTitle: "in the file",
        secondTitle: outline.isKeras ? "\(graph.name) in Keras' order" : graph.name))
  }
}
