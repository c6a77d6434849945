// SPDX-License-Identifier: Apache-2.0

import Kernels
import TestSupport
import Testing

@Suite struct LossTests {
  private let memory = TestMemory()
  private let rows = 4
  private let classes = 7

  private var logits: [Float] { IntegerData.values(28, salt: 1) }
  /// Distributions: two labels at a half each, one row with a single label.
  private var targets: [Float] {
    (0..<28).map { index in
      let (row, c) = (index / 7, index % 7)
      if row == 3 { return c == 2 ? 1 : 0 }
      return c == row || c == row + 2 ? 0.5 : 0
    }
  }

  @Test(arguments: [Float(0), 0.25])
  func softmaxCrossEntropyEqualsItsTwin(_ smoothing: Float) throws {
    let z = try memory.holding(logits)
    let t = try memory.holding(targets)
    let losses = try memory.poisoned(rows)
    let gradient = try memory.poisoned(28)
    SoftmaxKernel.crossEntropy(
      logits: z, targets: t, losses: losses, rows: rows, classes: classes,
      labelSmoothing: smoothing)
    SoftmaxKernel.crossEntropyGradient(
      logits: z, targets: t, dLogits: gradient, rows: rows, classes: classes,
      labelSmoothing: smoothing, scale: 0.5)
    let (exactLogits, exactTargets) = (logits.map(Double.init), targets.map(Double.init))
    let expected = Reference.softmaxCrossEntropy(
      logits: exactLogits, targets: exactTargets, classes: classes,
      labelSmoothing: Double(smoothing))
    #expect(largestError(losses.array, expected) < 1e-6)
    let expectedGradient = Reference.softmaxCrossEntropyGradient(
      logits: exactLogits, targets: exactTargets, classes: classes,
      labelSmoothing: Double(smoothing), scale: 0.5)
    #expect(largestError(gradient.array, expectedGradient) < 1e-6)
  }

  @Test func softmaxHoldsForHugeLogits() throws {
    let z = try memory.holding([1_000, 999, -1_000, -5_000, -5_000, -5_001])
    let probabilities = try memory.poisoned(6)
    SoftmaxKernel.softmax(logits: z, probabilities: probabilities, rows: 2, classes: 3)
    let expected = Reference.softmax([1.0, 0, -2_000, 1, 1, 0], classes: 3)
    #expect(largestError(probabilities.array, expected) < 1e-6)
    let losses = try memory.poisoned(2)
    SoftmaxKernel.crossEntropy(
      logits: z, targets: try memory.holding([0, 0, 1, 1, 0, 0]), losses: losses, rows: 2,
      classes: 3, labelSmoothing: 0)
    #expect(losses.isFinite)
    #expect(losses[0] > 1_999)
  }

  @Test func sigmoidCrossEntropyEqualsItsTwin() throws {
    let z = try memory.holding(logits.map { $0 * 20 })
    let labels: [Float] = (0..<28).map { $0 % 3 == 0 ? 1 : 0 }
    let t = try memory.holding(labels)
    let losses = try memory.poisoned(rows)
    let gradient = try memory.poisoned(28)
    SigmoidKernel.crossEntropy(
      logits: z, targets: t, losses: losses, rows: rows, classes: classes)
    SigmoidKernel.crossEntropyGradient(
      logits: z, targets: t, dLogits: gradient, rows: rows, classes: classes, scale: 2)
    let (exactLogits, exactTargets) = (z.array.map(Double.init), labels.map(Double.init))
    #expect(
      largestError(
        losses.array,
        Reference.sigmoidCrossEntropy(
          logits: exactLogits, targets: exactTargets, classes: classes)) < 1e-6)
    #expect(
      largestError(
        gradient.array,
        Reference.sigmoidCrossEntropyGradient(
          logits: exactLogits, targets: exactTargets, classes: classes, scale: 2)) < 1e-6)
  }

  @Test func aNaNLogitMakesALossThatIsNotFinite() throws {
    for position in [0, 3, 6] {
      var values = logits
      values[position] = .nan
      let losses = try memory.poisoned(rows)
      losses.fill(0)
      SoftmaxKernel.crossEntropy(
        logits: try memory.holding(values), targets: try memory.holding(targets),
        losses: losses, rows: rows, classes: classes, labelSmoothing: 0)
      #expect(losses.array.map(\.isNaN) == [true, false, false, false])
    }
  }
}
