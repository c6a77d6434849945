// SPDX-License-Identifier: Apache-2.0

import Kernels

/// What training minimises: a loss for each image from its logits and target.
public enum Loss: Hashable, Sendable {
  /// One label an image; the target is a distribution over the classes, mixed with the uniform one
  /// by `labelSmoothing`.
  case softmaxCrossEntropy(labelSmoothing: Float)
  /// Several labels an image; the target is 0 or 1 for every class, the loss their mean.
  case sigmoidCrossEntropy
}

/// A loss bound to memory: reads logits and targets, writes every image's loss and, in training,
/// the gradient of the mean loss.
struct LossPass {
  var loss: Loss
  var batch: Int
  var classes: Int
  var logits: FloatBuffer
  var targets: FloatBuffer
  var losses: FloatBuffer
  /// Nil in inference.
  var gradient: FloatBuffer?

  func run() {
    switch loss {
    case .softmaxCrossEntropy(let labelSmoothing):
      SoftmaxKernel.crossEntropy(
        logits: logits, targets: targets, losses: losses, rows: batch, classes: classes,
        labelSmoothing: labelSmoothing)
      guard let gradient else { return }
      SoftmaxKernel.crossEntropyGradient(
        logits: logits, targets: targets, dLogits: gradient, rows: batch, classes: classes,
        labelSmoothing: labelSmoothing, scale: 1 / Float(batch))
    case .sigmoidCrossEntropy:
      SigmoidKernel.crossEntropy(
        logits: logits, targets: targets, losses: losses, rows: batch, classes: classes)
      guard let gradient else { return }
      SigmoidKernel.crossEntropyGradient(
        logits: logits, targets: targets, dLogits: gradient, rows: batch, classes: classes,
        scale: 1 / Float(batch))
    }
  }
}
