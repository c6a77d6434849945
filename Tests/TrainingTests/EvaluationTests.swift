// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Foundation
import Kernels
import Settings
import TestSupport
import Testing
import Training

/// Metrics, and what evaluation evaluates.
@Suite struct EvaluationTests {
  private static func rank(_ label: Int, _ logits: [Float]) -> Int {
    // A slice that does not begin at 0, as the trainer's do not.
    let padded = [9, 9] + logits
    return Evaluator.rank(of: label, in: padded[2...])
  }

  @Test func ranksCountWhatComesBefore() {
    #expect((0..<4).map { Self.rank($0, [0.5, 3, -1, 2]) } == [2, 0, 3, 1])
  }

  @Test func tiesGoToTheLowerClass() {
    #expect((0..<3).map { Self.rank($0, [1, 1, 1]) } == [0, 1, 2])
    #expect((0..<3).map { Self.rank($0, [0, 1, 1]) } == [2, 0, 1])
  }

  /// No answer is never a right answer.
  @Test func aNaNPutsTheLabelLast() {
    #expect((0..<3).map { Self.rank($0, [.nan, 1, 2]) } == [2, 2, 1])
    #expect((0..<3).map { Self.rank($0, [.nan, .nan, .nan]) } == [2, 2, 2])
    #expect((0..<2).map { Self.rank($0, [.infinity, 1]) } == [0, 1])
  }

  /// Seven classes and hardly any training, more images than an evaluation runs at a time, so that the fifth answer is often the last right one.
  @Test func evaluationAgreesWithTheTwins() throws {
    let (classes, count) = (7, 150)
    let data = TinyTask.splits(test: count, classes: classes)
    let graph = try TinyTask.graph(classes: classes)
    let trainer = try Trainer(
      graph, data: data, standardization: nil, augmentation: nil,
      settings: TinyTask.settings(["epochs": 1, "batch": 6]), seed: 2,
      threads: 1)
    try trainer.trainStep()
    let evaluation = try trainer.evaluateOnTest()
    var twin = ReferenceExecutor<Double>(
      graph, batch: count,
      parameters: trainer.evaluatedWeights().map { $0.values.map { Double($0) } },
      isTraining: false)
    guard case .floats(let pixels) = data.test.pixels else { return }
    let targets = data.test.labels.flatMap { label in
      (0..<classes).map { $0 == label ? 1.0 : 0 }
    }
    let trace = twin.run(images: pixels.map { Double($0) }, targets: targets)
    let expected = Reference.softmax(trace.outputs[graph.output.index], classes: classes)
    #expect(Compare.close(evaluation.probabilities, expected, tolerance: 1e-5) == nil)
    let loss = trace.losses.reduce(0, +) / Double(count)
    #expect(Compare.close([evaluation.loss], [loss], tolerance: 1e-5) == nil)
    let ranks = data.test.labels.indices.map { image in
      let row = Array(expected[image * classes..<(image + 1) * classes])
      return row.count { $0 > row[data.test.labels[image]] }
    }
    #expect(Set(ranks) == Set(0..<classes))
    #expect(evaluation.top1 == Double(ranks.count { $0 == 0 }) / Double(count))
    #expect(evaluation.top5 == Double(ranks.count { $0 < 5 }) / Double(count))
  }

  /// With flips the logits are exactly half the sum of those of the images and of their mirror images,
  /// and all else follows from them; filled-up batches among them, folded or not.
  @Test(arguments: [true, false])
  func flipsAnswerWithTheMeanOfAnImageAndItsMirrorImage(_ fuses: Bool) throws {
    let graph = try TinyTask.graph()
    let memory = try ParameterMemory(graph)
    memory.initialize(seed: 2, kernels: .heNormal)
    let set = TinyTask.images(11, "test")
    guard case .floats(let pixels) = set.pixels else { return }
    let mirrored = ImageSet(
      size: set.size, classNames: set.classNames, labels: set.labels,
      pixels: .floats(set.size.mirrored(pixels)))
    func said(_ set: ImageSet, flips: Bool, threads: Int = 1) throws -> Evaluation {
      try Evaluator(
        graph, on: set, standardization: nil, batch: 4, parameters: memory, fuses: fuses,
        flips: flips, pool: ThreadPool(threads: threads)
      ).evaluate(keepsLogits: true)
    }
    let (plain, other) = (try said(set, flips: false), try said(mirrored, flips: false))
    let mean = try said(set, flips: true)
    let expected = zip(plain.logits, other.logits).map { ($0 + $1) / 2 }
    #expect(plain.logits != other.logits)
    #expect(Compare.bits(mean.logits, expected) == nil)
    #expect(try said(set, flips: true, threads: 3).logits == mean.logits)
    #expect(try said(mirrored, flips: true).logits == mean.logits)
    let softmax = Reference.softmax(expected.map { Double($0) }, classes: TinyTask.classes)
    #expect(Compare.close(mean.probabilities, softmax, tolerance: 1e-6) == nil)
    let losses = set.labels.enumerated().map { -log(softmax[$0 * TinyTask.classes + $1]) }
    #expect(Compare.close(mean.losses, losses, tolerance: 1e-6) == nil)
    #expect(abs(mean.loss - losses.reduce(0, +) / 11) < 1e-6)
    let best = (0..<11).map { image in
      let row = Array(softmax[image * TinyTask.classes..<(image + 1) * TinyTask.classes])
      return row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
    #expect(mean.predicted == best)
    #expect(mean.top1 == Double(zip(best, set.labels).count { $0 == $1 }) / 11)
  }

  /// Evaluation uses the average, statistics of batch norms included, and training does not.
  @Test func evaluationUsesTheAverage() throws {
    let settings: JSON = [
      "epochs": 2, "batch": 8, "optimizer": ["kind": "sgd", "learningRate": 0.1],
    ]
    let plain = try TinyTask.trainer(settings)
    let averaged = try TinyTask.trainer(settings.setting("averaging", to: 0.99))
    let forgetful = try TinyTask.trainer(settings.setting("averaging", to: 0))
    for trainer in [plain, averaged, forgetful] {
      while !trainer.isFinished { try trainer.trainStep() }
    }
    #expect(averaged.snapshot().tensors["weights"] == plain.snapshot().tensors["weights"])
    let weights = [plain, averaged, forgetful].map { trainer in
      trainer.evaluatedWeights().map(\.values)
    }
    #expect(weights[0] == weights[2])
    let moved = zip(weights[0], weights[1]).count { $0 != $1 }
    #expect(moved == weights[0].count)
    let evaluations = try [plain, averaged].map { try $0.evaluateOnTest().probabilities }
    #expect(evaluations[0] != evaluations[1])
  }

  /// An evaluation in between must not move anything that training reads.
  @Test func evaluatingDoesNotDisturb() throws {
    let settings: JSON = ["epochs": 2, "batch": 8, "averaging": 0.9]
    let calm = try TinyTask.trainer(settings)
    let disturbed = try TinyTask.trainer(settings)
    while !calm.isFinished {
      try calm.trainStep()
      try disturbed.trainStep()
      _ = try disturbed.evaluateOnTest()
      _ = disturbed.evaluatedWeights()
    }
    let isSame = disturbed.snapshot() == calm.snapshot()
    #expect(isSame)
  }
}
