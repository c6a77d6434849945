// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// What an experiment says under `training`.
///
/// ```json
/// {"epochs": 16, "batch": 64, "optimizer": {"kind": "adamw", "learningRate": 0.01},
///  "schedule": {"kind": "cosine", "warmupEpochs": 1}, "weightDecay": 1e-4,
///  "weightDecayOn": "kernels", "labelSmoothing": 0.1, "averaging": 0.999,
///  "initializer": "glorot-uniform", "evaluateEveryEpochs": 1}
/// ```
public struct TrainingSettings: Hashable, Sendable {
  /// The rule of what weight decay touches; recorded with every run.
  public enum DecayRule: String, CaseIterable, Sendable {
    /// Kernels of convolutions and dense layers, depthwise ones among them.
    case kernels
    /// As `kernels`, depthwise kernels left out.
    case kernelsButDepthwise = "kernels-but-depthwise"
    /// Everything that learns, biases and batch norms' scales and offsets too.
    case all
  }

  public let epochs: Int
  public let batch: Int
  public let optimizer: OptimizerSettings
  public let schedule: Schedule
  /// The L2 factor λ: the gradient gets λ·w (AdamW: the weight loses rate·λ·w).
  public let weightDecay: Double
  public let weightDecayOn: DecayRule
  public let labelSmoothing: Double
  /// The decay of the exponential average of weights that evaluation uses; nil for none.
  /// Source: the paper, section 4.2 (Polyak averaging); TensorFlow's warm-up of the decay.
  public let averaging: Double?
  public let initializer: KernelInitializer
  public let evaluateEveryEpochs: Int
  /// What convolutions begin as, where that is not drawn.
  public let firstKernels: FirstKernels
  public let rateFactors: RateFactors
  /// Whether evaluations answer with the mean of a picture's logits and those of its mirror image.
  /// Source: D. Page, as above; K. Jordan, "94 % on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024,
  /// section 3.5.
  public let testTimeFlip: Bool
  /// All options, defaults filled in; those that are younger than the first run files leave no trace
  /// where they are off, so that older runs keep their identity.
  public let settings: JSON

  public init(_ fields: Fields) throws(SettingsError) {
    var fields = fields
    epochs = try fields.integer(
      "epochs", default: 16, in: 1...100_000, "passes over the training images")
    batch = try fields.integer("batch", default: 64, in: 1...65_536, "images of a step")
    optimizer = try fields.object("optimizer", "the rule that moves the weights") {
      fields throws(SettingsError) in try OptimizerSettings(&fields)
    }
    schedule = try fields.object("schedule", "the course of the learning rate") {
      fields throws(SettingsError) in try Schedule(&fields)
    }
    weightDecay = try fields.number(
      "weightDecay", default: 0, in: 0...1,
      "the gradient gets so much of the weight; with adamw the weight loses it times the rate")
    weightDecayOn = try fields.choice(
      "weightDecayOn", default: .kernels, "which parameters decay")
    labelSmoothing = try fields.number(
      "labelSmoothing", default: 0, in: 0...0.99, "share of a label that all classes get")
    averaging = try fields.number(
      "averaging", in: 0...0.999_999_9,
      "decay of the average of weights that evaluation uses (none)")
    fields.record("averaging", averaging.map(JSON.number) ?? .null)
    initializer = try fields.choice(
      "initializer", default: .glorotUniform, "how kernels are drawn")
    evaluateEveryEpochs = try fields.integer(
      "evaluateEveryEpochs", default: 1, in: 1...100_000, "epochs from evaluation to evaluation")
    firstKernels = try FirstKernels(&fields)
    rateFactors = try RateFactors(&fields)
    testTimeFlip = try fields.bool(
      "testTimeFlip", default: false,
      "whether evaluations answer with the mean of a picture and its mirror image (Page, 2019)",
      recorded: .unlessDefault)
    try fields.finish()
    settings = .object(fields.recorded)
  }

  /// Of a training set of `count` images, those that an epoch leaves out because they fill no batch.
  public func droppedImages(of count: Int) -> Int { count % batch }

  /// One sentence about them, or nil where there are none.
  public func droppedImagesNote(of count: Int) -> String? {
    let dropped = droppedImages(of: count)
    guard dropped > 0, dropped < count else { return nil }
    let images = dropped == 1 ? "1 image" : "\(dropped) images"
    return "every epoch leaves out \(images) of \(count), other ones each time: "
      + "they fill no batch of \(batch)"
  }

  /// Whether weight decay touches a parameter.
  func decays(_ role: Parameter.Role) -> Bool {
    switch (weightDecayOn, role) {
    case (_, .kernel), (.all, _), (.kernels, .depthwiseKernel): true
    default: false
    }
  }
}
