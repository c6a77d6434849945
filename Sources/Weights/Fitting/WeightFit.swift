// SPDX-License-Identifier: Apache-2.0

import Engine

/// Which array of a file is which parameter of a network.
///
/// Keras' files are matched by topology: layers without weights are left out on both sides, the
/// others taken in Keras' order (or, where a file keeps none, by class and counter), and every
/// array's shape compared. Names decide nothing, but one that says another kind of array is an
/// error. A file of a whole model says itself which of its layers is which: it is gone through side by
/// side with the network (`ModelWalk`). Our own files name their arrays as the network does.
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
  /// What a file of a whole model says beside its weights; nil of any other.
  public let statements: ModelStatements?

  /// - Throws: both lists around the first place where they differ.
  public init(
    _ outline: WeightOutline, to graph: Graph, file: String,
    classifier: Classifier = .mustMatch
  ) throws(WeightError) {
    let layers = ListedLayer.layers(of: outline)
    guard let model = outline.model else {
      statements = nil
      (parameters, fresh) = try Self.zipped(outline, layers, graph, file, classifier)
      if outline.isKeras, let (name, kind) = WeightlessLayers(outline).stranger(to: graph) {
        throw WeightError(
          file: file, object: printable(name),
          rule: "is a layer of the class \(printable(kind)), which \(graph.name) does not have; "
            + "nothing is loaded")
      }
      return
    }
    let fit: ModelFit
    do throws(WeightError) {
      (fit, fresh) = try Self.walked(model, layers, graph, file, classifier)
    } catch {
      throw Self.withLists(error, outline, layers, graph, classifier)
    }
    (parameters, statements) = (fit.parameters, fit.statements)
    try Self.checkRoles(outline, graph, parameters, file)
  }

  /// The layer, field and value that do not fit, with both lists where shapes differ too.
  private static func withLists(
    _ error: WeightError, _ outline: WeightOutline, _ layers: [ListedLayer], _ graph: Graph,
    _ classifier: Classifier
  ) -> WeightError {
    if outline.model?.fault != nil { return error }
    do throws(WeightError) {
      _ = try zipped(outline, layers, graph, error.file, classifier)
      return error
    } catch let listed {
      guard !listed.table.isEmpty else { return error }
      let ending = "; nothing is loaded"
      let field = [error.object, error.rule.replacing(ending, with: "")].filter { !$0.isEmpty }
      let rule = listed.rule.replacing(ending, with: " (\(field.joined(separator: ": ")))\(ending)")
      return WeightError(file: error.file, rule: rule, table: listed.table)
    }
  }

  /// A whole model and a network, side by side.
  private static func walked(
    _ model: KerasModel, _ layers: [ListedLayer], _ graph: Graph, _ file: String,
    _ classifier: Classifier
  ) throws(WeightError) -> (ModelFit, fresh: [Int]) {
    do throws(WeightError) {
      return (try ModelFit(model, layers, to: graph, file: file), [])
    } catch {
      let output = graph.nodes[graph.output.index]
      guard case .mayDiffer = classifier, output.op is Dense else { throw error }
      let fit = try ModelFit(baseOf: model, layers, to: graph, file: file)
      return (fit, Array(output.parameters))
    }
  }

  /// A role that an array's name gives away may contradict where it stands.
  private static func checkRoles(
    _ outline: WeightOutline, _ graph: Graph, _ parameters: [Int: Int], _ file: String
  ) throws(WeightError) {
    for layer in ListedLayer.layers(of: outline) {
      for array in layer.arrays {
        guard let position = parameters[array.number], let role = array.role else { continue }
        let own = KerasRole(graph.parameters[position].role)
        let kernels: Set<KerasRole> = [.kernel, .depthwiseKernel, .pointwiseKernel]
        guard role != own, !(kernels.contains(role) && kernels.contains(own)) else { continue }
        throw WeightError(
          file: file, object: "\(printable(layer.name))/\(printable(array.name))",
          rule: "stands where \(own.rawValue) must; nothing is loaded")
      }
    }
  }

  /// Two lists of layers, one beside the other.
  private static func zipped(
    _ outline: WeightOutline, _ theirs: [ListedLayer], _ graph: Graph, _ file: String,
    _ classifier: Classifier
  ) throws(WeightError) -> (parameters: [Int: Int], fresh: [Int]) {
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
      let last = ours.lastIndex(where: { isClassifier($0, of: graph) })
    {
      var base = ours
      fresh = base.remove(at: last).arrays.map(\.number)
      alignment = align(withoutClassifier(theirs, like: ours[last], base.count), base)
    }
    guard alignment.divergence == nil, outline.doubt == nil else {
      throw mismatch(alignment, outline, graph, file)
    }
    let pairs = alignment.rows.compactMap { row -> (Int, Int)? in
      guard let first = row.first, let second = row.second else { return nil }
      return (first.array.number, second.array.number)
    }
    return (Dictionary(uniqueKeysWithValues: pairs), fresh.sorted())
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
    let classes = graph.outputShape.channels
    let difference =
      alignment.divergence.map {
        "its \(theirs) arrays and the network's \(ours) differ from number \($0 + 1) on"
      } ?? outline.doubt ?? ""
    let inner = outline.layers.compactMap(\.model).first
    let model = inner.map { "a model inside a model: \(printable($0)); it " } ?? ""
    return WeightError(
      file: file,
      rule: "\(model)does not fit \(graph.name) for \(graph.inputShape) and \(classes) classes: "
        + "\(difference); nothing is loaded",
      table: alignment.table(
        firstTitle: "in the file",
        secondTitle: outline.isKeras ? "\(graph.name) in Keras' order" : graph.name))
  }
}
