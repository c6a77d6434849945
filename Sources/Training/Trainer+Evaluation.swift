// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

// MARK: Evaluating

extension Trainer {
  /// The curves of an epoch and, as often as the settings say and at the end, an evaluation.
  func endEpoch(_ lastRate: Double) throws(TrainingError) {
    let loss = epochLoss / Double(stepsPerEpoch)
    let images = Double(stepsPerEpoch * settings.batch)
    let top1 = Double(epochCorrect) / images
    curves["train/loss", default: []].append(loss)
    curves["train/top1", default: []].append(top1)
    curves["train/top5", default: []].append(Double(epochAmongFive) / images)
    curves["learningRate", default: []].append(lastRate)
    epochLoss = 0
    epochCorrect = 0
    epochAmongFive = 0
    guard epoch % settings.evaluateEveryEpochs == 0 || isFinished else { return }
    var validation: EpochEvaluation.Scores?
    if let validationEvaluator {
      validation = .init(try evaluate(validationEvaluator, set: "validation"))
    }
    let evaluation = try evaluate(testEvaluator, set: "test")
    try checkWeights()
    let test = EpochEvaluation.Scores(evaluation)
    if isFinished { finalEvaluation = evaluation }
    if let validation { append(validation, to: "validation") }
    append(test, to: "test")
    lastEvaluation = EpochEvaluation(
      epoch: epoch, trainLoss: loss, trainTop1: top1, validation: validation, test: test)
  }

  private func append(_ scores: EpochEvaluation.Scores, to set: String) {
    curves["\(set)/epoch", default: []].append(Double(epoch))
    curves["\(set)/loss", default: []].append(scores.loss)
    curves["\(set)/top1", default: []].append(scores.top1)
    curves["\(set)/top5", default: []].append(scores.top5)
  }

  /// How many numbers every curve has after so many steps.
  func curveCounts(after step: Int) -> [String: Int] {
    let epochs = step / stepsPerEpoch
    let every = settings.evaluateEveryEpochs
    let isLastOutOfTurn = step == totalSteps && epochs % every != 0
    let evaluations = epochs / every + (isLastOutOfTurn ? 1 : 0)
    var counts = ["learningRate": epochs]
    for name in ["loss", "top1", "top5"] { counts["train/\(name)"] = epochs }
    for set in validationEvaluator == nil ? ["test"] : ["validation", "test"] {
      for name in ["epoch", "loss", "top1", "top5"] { counts["\(set)/\(name)"] = evaluations }
    }
    return counts.filter { $0.value > 0 }
  }

  /// The last value of every curve of losses and accuracies: `train/…` of the
  /// last epoch, `validation/…` and `test/…` of the last evaluation, which a finished training ends
  /// with.
  public var metrics: [String: Double] {
    var metrics: [String: Double] = [:]
    for set in ["train", "validation", "test"] {
      for name in ["loss", "top1", "top5"] {
        metrics["\(set)/\(name)"] = curves["\(set)/\(name)"]?.last
      }
    }
    return metrics
  }

  /// Checks what the network is made of, as evaluated.
  private func checkWeights() throws(TrainingError) {
    for (position, parameter) in parameters.parameters.enumerated()
    where !parameters.value(position, in: weights).isFinite {
      throw .weightsNotFinite(epoch: epoch, parameter: parameter.path)
    }
  }

  /// What evaluation uses: the average where there is one.
  private var weights: FloatBuffer { average?.memory.buffer ?? parameters.all }

  /// The test set under the weights so far; after the last step what was found then.
  ///
  /// - Throws: where a picture cannot be decoded, or an answer is not finite.
  public func evaluateOnTest() throws(TrainingError) -> Evaluation {
    if let finalEvaluation { return finalEvaluation }
    return try evaluate(testEvaluator, set: "test")
  }

  private func evaluate(
    _ evaluator: Evaluator, set: String
  ) throws(TrainingError) -> Evaluation {
    let evaluation: Evaluation
    do {
      evaluation = try evaluator.evaluate(weights)
    } catch {
      throw .unreadableImage(error)
    }
    guard evaluation.nonFinite.isEmpty else {
      throw .evaluationNotFinite(
        set: set, epoch: epoch, images: evaluation.nonFinite.count, of: evaluation.losses.count)
    }
    return evaluation
  }

  /// The weights that evaluation uses, by path.
  public func evaluatedWeights() -> [(parameter: Parameter, values: [Float])] {
    parameters.parameters.indices.map {
      (parameters.parameters[$0], parameters.value($0, in: weights).array)
    }
  }
}
