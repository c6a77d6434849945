// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Settings
import TestSupport
import Testing
import Training

/// A network whose answers are not finite has failed, whatever its training loss says.
@Suite struct DivergenceTests {
  /// Steps of 100 along gradients of order 1: batch norm hides it from the training loss.
  private static let diverging: JSON = [
    "epochs": 12, "batch": 8, "schedule": ["kind": "constant"],
    "optimizer": ["kind": "sgd", "learningRate": 100],
  ]

  private static func error(_ data: DatasetSplits, _ settings: JSON) throws -> (
    TrainingError?, Trainer
  ) {
    let trainer = try Trainer(
      TinyTask.graph(), data: data, standardization: nil, augmentation: nil,
      settings: TinyTask.settings(settings), seed: 3, threads: 1)
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished { try trainer.trainStep() }
    }
    return (error, trainer)
  }

  /// The answers of a set are not finite, or a variance is that a batch norm hides behind its offset.
  @Test(arguments: [1, 2, 3, 5], [nil, 7])
  func aFiniteTrainingLossHidesNothing(_ every: Int, _ validation: Int?) throws {
    let data = TinyTask.splits(validation: validation)
    let settings = Self.diverging.setting("evaluateEveryEpochs", to: .integer(every))
    let (error, trainer) = try Self.error(data, settings)
    switch error {
    case .evaluationNotFinite(let set, let epoch, let images, let count)?:
      #expect(set == (validation == nil ? "test" : "validation"))
      #expect(epoch == trainer.epoch)
      #expect(images > 0 && images <= count && count == validation ?? 9)
      #expect(
        error?.description
          == "the evaluation of the \(set) set after epoch \(epoch) is not finite: "
          + "\(images) of \(count) images got NaN or infinity")
    case .weightsNotFinite(let epoch, _)?: #expect(epoch == trainer.epoch)
    default: Issue.record("\(String(describing: error))")
    }
    #expect(trainer.epoch > 0 && trainer.epoch % every == 0)
    #expect(trainer.curves["train/loss"]?.count == trainer.epoch)
    let isFinite = trainer.curves.values.joined().allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  /// The third image of a set, and no other, gets answers that are not finite.
  private static func spoilt(_ set: ImageSet, by value: Float) -> ImageSet {
    guard case .floats(var pixels) = set.pixels else { return set }
    pixels[2 * set.size.count + 5] = value
    return ImageSet(
      size: set.size, classNames: set.classNames, labels: set.labels, pixels: .floats(pixels))
  }

  @Test(arguments: [Float.infinity, .nan])
  func oneImageIsEnough(_ value: Float) throws {
    let whole = TinyTask.splits(validation: 7)
    let settings: JSON = ["epochs": 3, "batch": 8, "evaluateEveryEpochs": 2]
    let test = DatasetSplits(
      name: "spoilt", train: whole.train, validation: whole.validation,
      test: Self.spoilt(whole.test, by: value))
    #expect(
      try Self.error(test, settings).0
        == .evaluationNotFinite(set: "test", epoch: 2, images: 1, of: 9))
    let validation = DatasetSplits(
      name: "spoilt", train: whole.train,
      validation: whole.validation.map { Self.spoilt($0, by: value) }, test: whole.test)
    #expect(
      try Self.error(validation, settings).0
        == .evaluationNotFinite(set: "validation", epoch: 2, images: 1, of: 7))
  }

  @Test func anEvaluationNamesTheImages() throws {
    let graph = try TinyTask.graph()
    let parameters = try ParameterMemory(graph)
    parameters.initialize(seed: 1, kernels: .glorotUniform)
    let set = Self.spoilt(TinyTask.images(9, "test"), by: .infinity)
    for batch in [2, 4, 9] {
      let evaluator = try Evaluator(
        graph, on: set, standardization: nil, batch: batch, parameters: parameters,
        pool: .init(threads: 1))
      #expect(try evaluator.evaluate().nonFinite == [2], "batch \(batch)")
    }
  }

  /// Of an infinite variance a batch norm makes its offset: answers are finite, and all the same.
  @Test func weightsThatAreNotFiniteAreNoResult() throws {
    let trainer = try Trainer(
      TinyTask.graph().freezingBase(), data: TinyTask.splits(), standardization: nil,
      augmentation: nil, settings: TinyTask.settings(["epochs": 1, "batch": 24]), seed: 0,
      threads: 1)
    try trainer.begin { memory throws(GraphError) in
      try memory.set("bn/running-variance", to: Array(repeating: .infinity, count: 8))
    }
    let error = #expect(throws: TrainingError.self) { try trainer.trainStep() }
    #expect(error == .weightsNotFinite(epoch: 1, parameter: "bn/running-variance"))
    #expect(
      error?.description
        == "the weights after epoch 1 are not finite: bn/running-variance holds NaN or infinity")
  }

  // MARK: Batch norm over a single value

  /// Three stages halve 6×5 images to 1×1 before the last batch norms.
  private static let deep: JSON = [
    "network": "stack", "width": 4, "stages": 4, "unitsPerStage": 1,
    "block": ["kind": "regular-conv"],
  ]

  @Test func aBatchNormOverOneValueIsRefused() throws {
    let graph = try TinyTask.graph(Self.deep)
    let node = try #require(
      graph.nodes.first { $0.op.kind == "batch norm" && $0.output.pixels == 1 })
    func train(batch: Int) throws {
      _ = try Trainer(
        graph, data: TinyTask.splits(), standardization: nil, augmentation: nil,
        settings: TinyTask.settings(["batch": .integer(batch)]), seed: 0, threads: 1)
    }
    let error = #expect(throws: TrainingError.self) { try train(batch: 1) }
    #expect(
      error?.description
        == "\(node.name): expected more than one value per channel in training, got a batch of 1 of "
        + "\(node.output); a larger batch or larger images give more")
    try train(batch: 2)
  }

  /// Where every batch norm still sees a plane, and where none takes a mean.
  @Test func oneImageIsFineWhereChannelsHaveMoreValues() throws {
    try TinyTask.graph().checkBatchStatistics(batch: 1)
    let deep = try TinyTask.graph(Self.deep)
    #expect(throws: GraphError.self) { try deep.checkBatchStatistics(batch: 1) }
    try deep.freezingBase().checkBatchStatistics(batch: 1)
  }
}
