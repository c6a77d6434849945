// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// exp(x) / Σ exp(x) of every row.
  public static func softmax<T: ReferenceScalar>(_ logits: [T], classes: Int) -> [T] {
    rows(logits, classes).flatMap { row -> [T] in
      let largest = row.max() ?? 0
      let powers = row.map { T.exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  /// −Σ t · log softmax(logits) of every row, t = (1 − s) · target + s / classes.
  public static func softmaxCrossEntropy<T: ReferenceScalar>(
    logits: [T], targets: [T], classes: Int, labelSmoothing: T
  ) -> [T] {
    let smooth = smoothed(targets, classes: classes, labelSmoothing)
    return zip(rows(logits, classes), rows(smooth, classes)).map { logits, targets in
      let largest = logits.max() ?? 0
      let logSum = largest + T.log(logits.map { T.exp($0 - largest) }.reduce(0, +))
      return zip(logits, targets).reduce(0) { $0 + $1.1 * (logSum - $1.0) }
    }
  }

  /// The gradient of `softmaxCrossEntropy`'s sum over rows, times `scale`.
  public static func softmaxCrossEntropyGradient<T: ReferenceScalar>(
    logits: [T], targets: [T], classes: Int, labelSmoothing: T, scale: T
  ) -> [T] {
    let smooth = smoothed(targets, classes: classes, labelSmoothing)
    let probabilities = softmax(logits, classes: classes)
    return zip(rows(probabilities, classes), rows(smooth, classes)).flatMap { row, targets in
      let total = targets.reduce(0, +)
      return zip(row, targets).map { scale * ($0 * total - $1) }
    }
  }

  /// The mean over classes of −t log p − (1 − t) log(1 − p), p = 1 / (1 + exp(−z)).
  public static func sigmoidCrossEntropy<T: ReferenceScalar>(
    logits: [T], targets: [T], classes: Int
  ) -> [T] {
    zip(rows(logits, classes), rows(targets, classes)).map { logits, targets in
      let losses = zip(logits, targets).map { z, target in
        (z < 0 ? 0 : z) - z * target + T.log(1 + T.exp(-abs(z)))
      }
      return losses.reduce(0, +) / T(classes)
    }
  }

  /// The gradient of `sigmoidCrossEntropy`'s sum over rows, times `scale`.
  public static func sigmoidCrossEntropyGradient<T: ReferenceScalar>(
    logits: [T], targets: [T], classes: Int, scale: T
  ) -> [T] {
    zip(logits, targets).map { scale * (1 / (1 + T.exp(-$0)) - $1) / T(classes) }
  }

  private static func smoothed<T: ReferenceScalar>(
    _ targets: [T], classes: Int, _ amount: T
  ) -> [T] {
    targets.map { (1 - amount) * $0 + amount / T(classes) }
  }

  private static func rows<T>(_ values: [T], _ length: Int) -> [[T]] {
    stride(from: 0, to: values.count, by: length).map { Array(values[$0..<$0 + length]) }
  }
}
