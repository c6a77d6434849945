// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels

/// What a network says of a batch: logits and probabilities `[batch, classes]`, and a loss an image.
struct BatchAnswers {
  var logits: [Float]
  var probabilities: [Float]
  var losses: [Float]

  init(_ executor: Executor) {
    (logits, probabilities, losses) = (executor.logits, executor.probabilities, executor.losses)
  }

  fileprivate init(_ logits: [Float], _ probabilities: [Float], _ losses: [Float]) {
    (self.logits, self.probabilities, self.losses) = (logits, probabilities, losses)
  }
}

/// Answers with the mean of the logits of pictures and those of their mirror images; probabilities and
/// losses are those of the mean.
///
/// Source: D. Page, "How to Train Your ResNet 8: Bag of Tricks", 2019; K. Jordan, "94 % on CIFAR-10 in
/// 3.29 Seconds on a Single GPU", 2024, section 3.5.
struct MirroredAnswers {
  private let memory: AlignedMemory
  private let batch: Int
  private let classes: Int

  init(batch: Int, classes: Int) throws(OutOfMemory) {
    (self.batch, self.classes) = (batch, classes)
    memory = try AlignedMemory(count: Self.count(batch: batch, classes: classes))
  }

  private static func count(batch: Int, classes: Int) -> Int { batch * (3 * classes + 1) }

  /// What it takes, with a mirrored copy of a batch.
  static func bytes(_ size: ImageSize, batch: Int, classes: Int) -> Int {
    MemoryLayout<Float>.stride * (count(batch: batch, classes: classes) + batch * size.count)
  }

  /// - Parameters:
  ///   - logits, mirrored: of the pictures and of their mirror images, `[batch, classes]`.
  ///   - labels: one a picture.
  func callAsFunction(_ logits: [Float], _ mirrored: [Float], labels: [Int]) -> BatchAnswers {
    let count = batch * classes
    let parts = (0..<3).map { memory.buffer.slice($0 * count, count) }
    let losses = memory.buffer.slice(3 * count, batch)
    parts[0].copy(from: zip(logits, mirrored).map { 0.5 * $0 + 0.5 * $1 })
    parts[1].fill(0)
    for (image, label) in labels.enumerated() { parts[1][image * classes + label] = 1 }
    SoftmaxKernel.crossEntropy(
      logits: parts[0], targets: parts[1], losses: losses, rows: batch, classes: classes,
      labelSmoothing: 0)
    SoftmaxKernel.softmax(
      logits: parts[0], probabilities: parts[2], rows: batch, classes: classes)
    return BatchAnswers(parts[0].array, parts[2].array, losses.array)
  }
}
