// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings
import Weights

/// Weights that training begins with, instead of random ones.
///
/// ```json
/// "transfer": {"weights": "xception.h5", "freeze": "base"}
/// ```
/// All but the classifier must fit; a classifier of other classes, by number or by the names that
/// the file keeps, stays as it was drawn.
public struct Transfer: Hashable, Sendable {
  /// What does not learn.
  public enum Freeze: String, CaseIterable, Sendable {
    case nothing
    /// Everything before the head; batch norms there use their running statistics.
    case base
  }

  public let path: String
  public let freeze: Freeze
  /// The SHA-256 of the file, which stands for it in a run's identity.
  let digest: String

  init(_ fields: Fields) throws(SettingsError) {
    var fields = fields
    freeze = try fields.choice("freeze", default: .nothing, "what does not learn")
    guard let path = try fields.string("weights", "the file of weights to begin with") else {
      throw fields.error("weights", "is missing; it names a weight file")
    }
    self.path = path
    guard let digest = RunIdentity.digest(ofFile: path) else {
      throw fields.error("weights", "must be a file that can be read")
    }
    self.digest = digest
    try fields.finish()
  }

  /// As it stands in a run's configuration.
  var settings: JSON { ["weights": .string(digest), "freeze": .string(freeze.rawValue)] }

  /// The graph as it is trained.
  func prepared(_ graph: Graph) -> Graph { freeze == .base ? graph.freezingBase() : graph }

  /// The parameters that the file has nothing for.
  ///
  /// - Throws: where it does not fit.
  public func freshParameters(
    of graph: Graph, classNames: [String], reading: WeightFile.Reading
  ) throws(WeightError) -> [String] {
    let outline = try WeightFile(path, reading: reading).outline
    let fit = try WeightFit(
      outline, to: graph, file: path, classifier: .mayDiffer(classNames: classNames))
    return fit.fresh.map { graph.parameters[$0].path }
  }

  /// Sets the weights of a network.
  func load(
    into memory: ParameterMemory, of graph: Graph, classNames: [String],
    reading: WeightFile.Reading
  ) throws(WeightError) {
    let file = try WeightFile(path, reading: reading)
    _ = try file.load(
      into: memory, of: graph, classifier: .mayDiffer(classNames: classNames))
  }
}
