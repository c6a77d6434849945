// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Softmax and its cross-entropy, one class distribution a row. Inner sums run in double
/// precision, in class order; the losses are too few to be worth threads.
public enum SoftmaxKernel {
  /// probabilities [rows, classes] = exp(logits) / Σ exp(logits), for logits of any size.
  public static func softmax(
    logits: FloatBuffer, probabilities: FloatBuffer, rows: Int, classes: Int
  ) {
    forEachRow(logits, probabilities, rows, classes) { row, logSum in
      for index in row {
        probabilities.base[index] = Float(exp(Double(logits.base[index]) - logSum))
      }
    }
  }

  /// losses [rows] = −Σ t · log softmax(logits), where t = (1 − s) · target + s / classes.
  public static func crossEntropy(
    logits: FloatBuffer, targets: FloatBuffer, losses: FloatBuffer, rows: Int, classes: Int,
    labelSmoothing: Float
  ) {
    _ = losses.pointer(rows, "losses")
    let smooth = Smoothing(labelSmoothing, classes: classes)
    forEachRow(logits, targets, rows, classes) { row, logSum in
      var loss = 0.0
      for index in row {
        loss += smooth(targets.base[index]) * (logSum - Double(logits.base[index]))
      }
      losses.base[row.lowerBound / classes] = Float(loss)
    }
  }

  /// dLogits = scale · (softmax(logits) · Σ t − t).
  public static func crossEntropyGradient(
    logits: FloatBuffer, targets: FloatBuffer, dLogits: FloatBuffer, rows: Int, classes: Int,
    labelSmoothing: Float, scale: Float
  ) {
    _ = dLogits.pointer(rows * classes, "gradients")
    let smooth = Smoothing(labelSmoothing, classes: classes)
    forEachRow(logits, targets, rows, classes) { row, logSum in
      var total = 0.0
      for index in row { total += smooth(targets.base[index]) }
      for index in row {
        let probability = exp(Double(logits.base[index]) - logSum)
        dLogits.base[index] =
          scale * Float(probability * total - smooth(targets.base[index]))
      }
    }
  }

  private struct Smoothing {
    let keep, share: Double
    init(_ amount: Float, classes: Int) {
      keep = 1 - Double(amount)
      share = Double(amount) / Double(classes)
    }
    func callAsFunction(_ target: Float) -> Double { keep * Double(target) + share }
  }

  private static func forEachRow(
    _ logits: FloatBuffer, _ other: FloatBuffer, _ rows: Int, _ classes: Int,
    _ body: (_ row: Range<Int>, _ logSum: Double) -> Void
  ) {
    precondition(rows >= 0 && classes > 0)
    _ = logits.pointer(rows * classes, "logits")
    _ = other.pointer(rows * classes, "a distribution")
    for first in stride(from: 0, to: rows * classes, by: classes) {
      let row = first..<first + classes
      var largest = logits.base[first]
      for index in row where !(logits.base[index] <= largest) { largest = logits.base[index] }
      var sum = 0.0
      for index in row { sum += exp(Double(logits.base[index]) - Double(largest)) }
      body(row, Double(largest) + log(sum))
    }
  }
}

/// Sigmoid cross-entropy for several labels an image: each class is a question of its own.
public enum SigmoidKernel {
  /// losses [rows] = the mean over classes of max(z, 0) − z · t + log(1 + exp(−|z|)).
  public static func crossEntropy(
    logits: FloatBuffer, targets: FloatBuffer, losses: FloatBuffer, rows: Int, classes: Int
  ) {
    check(logits, targets, rows, classes)
    _ = losses.pointer(rows, "losses")
    for row in 0..<rows {
      var loss = 0.0
      for index in row * classes..<(row + 1) * classes {
        let (z, target) = (Double(logits.base[index]), Double(targets.base[index]))
        loss += (z < 0 ? 0 : z) - z * target + log1p(exp(-abs(z)))
      }
      losses.base[row] = Float(loss / Double(classes))
    }
  }

  /// dLogits = scale · (sigmoid(logits) − targets) / classes.
  public static func crossEntropyGradient(
    logits: FloatBuffer, targets: FloatBuffer, dLogits: FloatBuffer, rows: Int, classes: Int,
    scale: Float
  ) {
    check(logits, targets, rows, classes)
    _ = dLogits.pointer(rows * classes, "gradients")
    for index in 0..<rows * classes {
      let sigmoid = 1 / (1 + exp(-Double(logits.base[index])))
      dLogits.base[index] =
        scale * Float((sigmoid - Double(targets.base[index])) / Double(classes))
    }
  }

  private static func check(
    _ logits: FloatBuffer, _ targets: FloatBuffer, _ rows: Int, _ classes: Int
  ) {
    precondition(rows >= 0 && classes > 0)
    _ = logits.pointer(rows * classes, "logits")
    _ = targets.pointer(rows * classes, "targets")
  }
}
