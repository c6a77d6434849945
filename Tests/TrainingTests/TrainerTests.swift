// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Settings
import TestSupport
import Testing
import Training

/// Whole trainings: they learn, they agree with the twins, and nothing but seed and settings decides.
@Suite struct TrainerTests {
  // MARK: Learning

  @Test(
    arguments: [
      ["kind": "sgd", "learningRate": 0.1],
      ["kind": "rmsprop", "learningRate": 0.003, "initialMeanSquare": 0],
      ["kind": "adamw", "learningRate": 0.03],
    ] as [JSON])
  func aTinySetIsOverfit(_ optimizer: JSON) throws {
    let data = TinyTask.splits()
    let trainer = try Trainer(
      TinyTask.graph(["network": "probe", "width": 16]), data: data, standardization: nil,
      augmentation: nil,
      settings: TinyTask.settings(["epochs": 60, "batch": 12, "optimizer": optimizer]),
      seed: 1, threads: 1)
    while !trainer.isFinished { try trainer.trainStep() }
    let losses = try #require(trainer.curves["train/loss"])
    #expect(losses.count == 60)
    #expect(losses[0] > 0.9)
    #expect(losses[59] < 0.1)
    #expect(trainer.curves["train/top1"]?.last == 1)
  }

  // MARK: Against the twins

  /// Ten steps of plain SGD on a small stack with dropout: every loss, and every share of right
  /// answers, as an independent loop over the twins has it in Double.
  @Test(arguments: [0, 0.1])
  func tenStepsFollowTheTwins(_ labelSmoothing: Double) throws {
    let data = TinyTask.splits(train: 12)
    let settings = try TinyTask.settings([
      "epochs": 10, "batch": 12, "labelSmoothing": .number(labelSmoothing), "weightDecay": 0.001,
      "optimizer": ["kind": "sgd", "learningRate": 0.05, "momentum": 0],
      "schedule": ["kind": "constant"],
    ])
    let graph = try TinyTask.graph(TinyTask.stack)
    let trainer = try Trainer(
      graph, data: data, standardization: nil, augmentation: nil, settings: settings, seed: 3,
      threads: 2)
    while !trainer.isFinished { try trainer.trainStep() }

    let memory = try ParameterMemory(graph)
    memory.initialize(seed: 3, kernels: .glorotUniform)
    var twin = ReferenceExecutor<Double>(
      graph, batch: 12,
      parameters: graph.parameters.indices.map { memory.value($0).array.map { Double($0) } },
      loss: .softmaxCrossEntropy(labelSmoothing: Float(labelSmoothing)), seed: 3)
    let reader = BatchReader(set: data.train, standardization: nil, augmentation: nil, seed: 3)
    var losses: [Double] = []
    var shares: [Double] = []
    for step in 0..<10 {
      let (loss, share) = try Self.twinStep(&twin, reader, step)
      losses.append(loss)
      shares.append(share)
    }
    let actual = try #require(trainer.curves["train/loss"])
    #expect(Compare.close(actual, losses, tolerance: 1e-4) == nil)
    #expect(trainer.curves["train/top1"] == shares)
    #expect(losses[9] < losses[0])
    let weights = graph.parameters.indices.flatMap { twin.parameters[$0] }
    let trained = trainer.evaluatedWeights().flatMap { $0.values }
    #expect(Compare.close(trained, weights, tolerance: 1e-4) == nil)
  }

  /// One step of SGD at 0.05 with a decay of 0.001 on kernels: the loss and the share of images
  /// whose label has the largest logit.
  private static func twinStep(
    _ twin: inout ReferenceExecutor<Double>, _ reader: BatchReader, _ step: Int
  ) throws -> (Double, Double) {
    var images = [Float](repeating: 0, count: 12 * TinyTask.size.count)
    var labels = [Int](repeating: 0, count: 12)
    try reader.read(reader.order(epoch: step)[0..<12], epoch: step, into: &images, labels: &labels)
    let targets = labels.flatMap { label in
      (0..<TinyTask.classes).map { $0 == label ? 1.0 : 0 }
    }
    let trace = twin.run(images: images.map { Double($0) }, targets: targets, step: step)
    for (position, parameter) in twin.graph.parameters.enumerated() where parameter.isTrainable {
      let decays = parameter.role == .kernel || parameter.role == .depthwiseKernel
      for index in twin.parameters[position].indices {
        let penalty = decays ? 0.001 * twin.parameters[position][index] : 0
        twin.parameters[position][index] -=
          0.05 * (trace.parameterGradients[position][index] + penalty)
      }
    }
    let logits = trace.outputs[twin.graph.output.index]
    let right = labels.indices.count { image in
      let row = logits[image * TinyTask.classes..<(image + 1) * TinyTask.classes]
      return row.max() == row[row.startIndex + labels[image]]
    }
    return (trace.losses.reduce(0, +) / 12, Double(right) / 12)
  }

  // MARK: Seeds and threads

  private static let settings: JSON = [
    "epochs": 2, "batch": 8, "averaging": 0.9, "labelSmoothing": 0.1, "weightDecay": 1e-3,
    "optimizer": ["kind": "adamw", "learningRate": 0.03],
  ]

  private static func outcome(
    seed: UInt64 = 3, threads: Int = 1, settings: JSON = settings
  ) throws -> (snapshot: TrainingSnapshot, evaluation: Evaluation) {
    let trainer = try TinyTask.trainer(settings, seed: seed, threads: threads)
    while !trainer.isFinished { try trainer.trainStep() }
    return (trainer.snapshot(), try trainer.evaluateOnTest())
  }

  @Test func seedsDecideAndThreadsDoNot() throws {
    let alone = try Self.outcome()
    #expect(alone.snapshot.step == 6)
    #expect(alone.evaluation.probabilities.count == 9 * 4)
    for threads in [1, 2, 3] {
      let other = try Self.outcome(threads: threads)
      let isSame = other.snapshot == alone.snapshot
      #expect(isSame, "\(threads) threads")
      #expect(other.evaluation.probabilities == alone.evaluation.probabilities)
      #expect(other.evaluation.loss == alone.evaluation.loss)
    }
    let another = try Self.outcome(seed: 4)
    #expect(another.snapshot.tensors["weights"] != alone.snapshot.tensors["weights"])
    #expect(another.snapshot.curves != alone.snapshot.curves)
  }

  /// Every option of the settings that is part of a run's identity changes the run.
  @Test(
    arguments: [
      ("batch", 6), ("epochs", 3), ("averaging", 0.2), ("labelSmoothing", 0.2),
      ("weightDecay", 0.1),
      ("weightDecayOn", "all"), ("weightDecayOn", "kernels-but-depthwise"),
      ("initializer", "he-normal"), ("evaluateEveryEpochs", 2),
      ("identityKernels", true), ("whiteningStem", true), ("testTimeFlip", true),
      ("biasRateFactor", 4), ("scaleRateFactor", 0.25),
      ("optimizer", ["kind": "adamw", "learningRate": 0.01, "beta1": 0.8]),
      ("optimizer", ["kind": "adamw", "learningRate": 0.01, "beta2": 0.9]),
      ("optimizer", ["kind": "adamw", "learningRate": 0.01, "epsilon": 0.1]),
      ("optimizer", ["kind": "sgd"]), ("optimizer", ["kind": "rmsprop"]),
      ("schedule", ["kind": "constant"]), ("schedule", ["kind": "cosine", "warmupEpochs": 1]),
      ("schedule", ["kind": "cosine", "finalFraction": 0.5]),
    ] as [(String, JSON)])
  func everyOptionChangesTheRun(_ name: String, _ value: JSON) throws {
    // A depthwise kernel, or one of the decay rules has nothing to leave out.
    let network = TinyTask.stack.setting("block", to: ["kind": "separable-conv"])
    let changed = Self.settings.setting(name, to: value)
    let outcomes = try [Self.settings, changed].map { settings in
      let trainer = try TinyTask.trainer(settings, network: network)
      while !trainer.isFinished { try trainer.trainStep() }
      return trainer.snapshot()
    }
    let isSame = outcomes[0] == outcomes[1]
    #expect(!isSame)
    let plain = try TinyTask.settings(Self.settings).settings
    let other = try TinyTask.settings(changed).settings
    #expect(plain != other)
  }
}
