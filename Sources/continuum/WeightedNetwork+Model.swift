// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Foundation
import ModelZoo
import Settings
import Training
import Weights

/// What a file of a whole model says beside its weights, followed.
extension WeightedNetwork {
  /// - Parameters:
  ///   - word: the network as the command line names it, if it does.
  ///   - size: the side of images, where the model takes any.
  /// - Throws: where the model is not the network, with the layer, field and value.
  static func statements(
    of file: WeightFile, named word: String?, _ network: NetworkDescription, size: Int,
    classes: Int
  ) throws -> ModelStatements? {
    guard let model = file.outline.model else { return nil }
    let sides = zip(model.input, [size, size, 3]).map { $0 ?? $1 }
    let shape = Shape(height: sides[0], width: sides[1], channels: sides[2])
    let graph = try network.graph(input: shape, classes: classes)
    let statements = try file.statements(for: graph)
    if let statements, let word, try NetworkArgument(word).json["batchNormEpsilon"] != nil {
      try statements.checkEpsilons(of: graph, file: file.path)
    }
    return statements
  }

  /// What pictures go through: of the model's size, and scaled as its first layers do.
  static func preprocessing(
    of statements: ModelStatements, _ path: String, default usual: PicturePreprocessing
  ) throws -> PicturePreprocessing {
    var own = usual
    if let height = statements.input[0] ?? statements.input[1] { own = own.sized(height) }
    // Images of other channels are in no pictures.
    guard !statements.front.isIdentity, [1, 3].contains(statements.front.scale.count) else {
      return own
    }
    // Bytes, as pictures are before any scaling.
    let (mean, deviation) = statements.front.standardization(unit: 255, channels: 3)
    own.scaling = .standardized(mean: mean, deviation: deviation)
    return own
  }

  /// What `--preprocessing` says, but for the model's own scaling, which is no default that could be
  /// changed.
  static func preprocessing(
    _ text: String, instead usual: PicturePreprocessing, of statements: ModelStatements?,
    _ network: NetworkDescription, file path: String
  ) throws -> PicturePreprocessing {
    let scales = statements.map { !$0.front.isIdentity } ?? false
    var own = usual
    if scales { own.scaling = network.preprocessing.scaling }
    var fields = try Fields(
      try JSON(text: text, source: "--preprocessing"), source: "--preprocessing")
    var said = try PicturePreprocessing(&fields, default: own)
    try fields.finish()
    try statements?.checkAllow(said, insteadOf: own, file: path)
    if scales { said.scaling = usual.scaling }
    return said
  }

  /// What images in memory go through: what the model's first layers do, or else what is usual.
  func standardization(
    of set: ImageSet, usual: Standardization?
  ) throws(CommandError) -> Standardization? {
    guard let front = statements?.front, !front.isIdentity else { return usual }
    guard front.scale.count == 1 || front.scale.count == set.size.channels else {
      throw .refused(
        "the model in \(filePath) rescales \(front.scale.count) channels; the images have "
          + "\(set.size.channels)")
    }
    let unit: Double = if case .bytes = set.pixels { 255 } else { 1 }
    let (mean, deviation) = front.standardization(unit: unit, channels: set.size.channels)
    return Standardization(mean: mean.map { Float($0) }, deviation: deviation.map { Float($0) })
  }

  /// The probabilities of a model that ends in a sigmoid are those of each class by itself.
  func probabilities(of said: Evaluation) -> [Float] {
    guard statements?.head == .sigmoid else { return said.probabilities }
    return said.logits.map { 1 / (1 + exp(-$0)) }
  }

  /// What the answers are not, as Keras would give them; nothing where they are the same.
  var notes: [String] {
    guard let statements else { return [] }
    var notes: [String] = []
    if statements.head == .linear {
      notes.append(
        "the model in \(filePath) ends in logits; probabilities are their softmax")
    }
    for precision in statements.precisions {
      notes.append(
        "the model in \(filePath) computes in \(printable(precision)); it is run in float32")
    }
    return notes
  }

  /// - Throws: where loss and shares, which are those of a softmax, would be none of the model's.
  func checkEvaluates() throws(CommandError) {
    guard statements?.head == .sigmoid else { return }
    throw .refused(
      "the model in \(filePath) ends in a sigmoid, whose answers are no distribution over classes; "
        + "evaluate knows softmax, predict follows the sigmoid")
  }
}

extension ModelStatements {
  /// Checks that `--preprocessing` says nothing that the model does itself.
  func checkAllow(
    _ preprocessing: PicturePreprocessing, insteadOf own: PicturePreprocessing, file path: String
  ) throws(CommandError) {
    let size = preprocessing.size
    guard takes(Shape(height: size, width: size, channels: 3)) else {
      throw .refused("--preprocessing: size is \(size); the model in \(path) is for \(inputText)")
    }
    guard front.isIdentity || preprocessing.scaling == own.scaling else {
      throw .refused(
        "--preprocessing: scaling means nothing to \(path), whose model scales its images itself")
    }
  }
}
