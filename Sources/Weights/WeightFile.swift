// SPDX-License-Identifier: Apache-2.0

import Engine

/// A weight file: what is in it at once, its numbers once they are known to fit.
///
/// ```swift
/// let file = try WeightFile("xception.h5")
/// let loaded = try file.load(into: memory, of: graph)
/// ```
/// Reads our own files, the weights of run files, Keras' HDF5 files of all versions and `.keras`.
public final class WeightFile {
  /// In which process HDF5 reads the file.
  public enum Reading: Sendable {
    /// In this one. HDF5 can crash on damaged files; not for those from elsewhere.
    case here
    /// In a child, started with these words, that serves `ReaderService.serve` with the file's path
    /// as its last word, or the array's name behind it, and may die of it.
    case elsewhere(command: [String])
  }

  /// What a load did.
  public struct Loaded: Equatable, Sendable {
    public var format: WeightOutline.Format
    /// How many parameters took the file's values.
    public var count: Int
    /// The paths of those that kept their own: the classifier's, where it has other classes.
    public var fresh: [String]
  }

  /// What a load does about the rest that a file of a whole model says: epsilons, what is done to
  /// images first, what turns logits into answers.
  public enum Statements: Sendable {
    /// The network, and the softmax behind it, must do the same by themselves.
    case mustHold
    /// Whoever calls does as `statements(for:)` says.
    case areFollowed
  }

  public let path: String
  public var outline: WeightOutline { source.outline }
  private let source: any WeightSource

  /// Reads names and shapes.
  ///
  /// - Throws: where the file is none of the known kinds or damaged.
  public init(_ path: String, reading: Reading = .here) throws(WeightError) {
    self.path = path
    if let rule = ForeignForm.rule(for: path) { throw WeightError(file: path, rule: rule) }
    switch reading {
    case .here: source = try HDF5WeightSource(path)
    case .elsewhere(let command): source = try ReaderProcess(path, command: command)
    }
  }

  /// What a file of a whole model says beside its weights; nil of any other.
  ///
  /// - Throws: where the file does not fit.
  public func statements(for graph: Graph) throws(WeightError) -> ModelStatements? {
    outline.model == nil ? nil : try WeightFit(outline, to: graph, file: path).statements
  }

  /// Why a layer that rescales images cannot be followed.
  public func unsaid(_ front: String) -> WeightError {
    WeightError(
      file: path, object: printable(front),
      rule: "rescales images by numbers that a file of weights alone does not say; give the whole "
        + "model, or --preprocessing, which says what images go through")
  }

  /// Replaces a network's parameters by the file's, all of them or, when it throws, none. Once.
  ///
  /// - Throws: where the file does not fit, cannot be read, says what must not be left out, or holds a
  ///   number that is not finite.
  public func load(
    into memory: ParameterMemory, of graph: Graph,
    classifier: WeightFit.Classifier = .mustMatch, statements: Statements = .mustHold
  ) throws(WeightError) -> Loaded {
    let fit = try WeightFit(outline, to: graph, file: path, classifier: classifier)
    if case .mustHold = statements {
      if let front = unknownFront { throw unsaid(front) }
      try fit.statements?.checkHold(
        for: graph, file: path, hasOwnHead: classifier != .mustMatch)
    }
    var staged: [(parameter: Int, values: [Float])] = []
    staged.reserveCapacity(fit.parameters.count)
    try read(where: { fit.parameters[$0] != nil }) { (position, values) throws(WeightError) in
      guard let parameter = fit.parameters[position] else { return }
      staged.append(
        (
          parameter,
          outline.isKeras
            ? KerasGroups.separated(values, graph.parameters[parameter].shape) : values
        ))
    }
    for (parameter, values) in staged { memory.value(parameter).copy(from: values) }
    return Loaded(
      format: outline.format, count: staged.count,
      fresh: fit.fresh.map { graph.parameters[$0].path })
  }

  /// Hands over arrays as the networks here have them, in the outline's order. Once.
  ///
  /// - Throws: where one cannot be read, or holds a number that is not finite.
  public func read(
    where isWanted: (Int) -> Bool, requiresFinite: Bool = true,
    _ body: (Int, [Float]) throws(WeightError) -> Void
  ) throws(WeightError) {
    let owners = outline.layers.flatMap { layer in layer.arrays.map { (layer, $0) } }
    try source.read(where: isWanted) { (position, values) throws(WeightError) in
      let (layer, array) = owners[position]
      let name = "\(printable(layer.name))/\(printable(array.name))"
      guard values.count == array.count else {
        throw WeightError(
          file: path, object: name, rule: "has \(values.count) values, not \(array.count)")
      }
      if requiresFinite, let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw WeightError(
          file: path, object: name,
          rule: "has \(values[bad]) as value \(bad + 1); all must be finite")
      }
      try body(position, try turned(values, array, name))
    }
  }

  /// A convolution's kernel of Theano turned round; everything else as it is.
  private func turned(
    _ values: [Float], _ array: WeightOutline.Array, _ name: String
  ) throws(WeightError) -> [Float] {
    guard outline.hasTurnedKernels, array.shape.count == 4 else { return values }
    guard KerasRole(inName: array.name) == .kernel else {
      throw WeightError(
        file: path, object: name,
        rule: "was written with Theano, whose separable kernels are not known here")
    }
    let area = array.shape[0] * array.shape[1]
    let plane = array.shape[2] * array.shape[3]
    return (0..<area).reversed().flatMap { values[$0 * plane..<($0 + 1) * plane] }
  }
}
