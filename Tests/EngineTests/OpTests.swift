// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// Every op's fast passes against its naive twin, and the twin against differences.
@Suite struct OpTests {
  @Test(arguments: OpCase.exact)
  func fastPassesEqualTheTwinsOnIntegers(_ op: OpCase) throws {
    let graph = try observedGraph(op.input, gradient: .integers, op.body)
    let step = Step(graph, numbers: .integers)
    let differences = try step.fast().differences(
      from: step.reference(Double.self), tolerance: nil, losses: false)
    #expect(differences == [])
  }

  @Test(arguments: OpCase.exact)
  func inferenceEqualsTheTwinsOnIntegers(_ op: OpCase) throws {
    var step = Step(try observedGraph(op.input, op.body), numbers: .integers)
    step.isTraining = false
    let differences = try step.fast().differences(
      from: step.reference(Double.self), tolerance: nil, losses: false)
    #expect(differences == [])
  }

  /// 1e-5 of the largest number: a few hundred roundings of 6e-8.
  @Test(arguments: OpCase.exact + OpCase.rounded)
  func fastPassesEqualTheTwinsWithinRounding(_ op: OpCase) throws {
    let graph = try observedGraph(op.input, gradient: .real, op.body)
    var step = Step(graph, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let differences = try step.fast().differences(
        from: step.reference(Double.self), tolerance: 1e-5)
      #expect(differences == [], "training: \(isTraining)")
    }
  }

  @Test(arguments: OpCase.exact + OpCase.rounded)
  func gradientsAreWhatDifferencesSay(_ op: OpCase) throws {
    let graph = try observedGraph(op.input, op.body)
    #expect(GradientCheck.findings(Step(graph, numbers: .real)) == [])
  }

  @Test(arguments: [
    Loss.softmaxCrossEntropy(labelSmoothing: 0), .softmaxCrossEntropy(labelSmoothing: 0.1),
    .sigmoidCrossEntropy,
  ])
  func lossesEqualTheTwinsAndDifferences(_ loss: Loss) throws {
    let graph = try observedGraph(Shape(height: 2, width: 3, channels: 5), batch: 5) { x, graph in
      graph.dense(x, "dense", units: 7)
    }
    var step = Step(graph, batch: 5, numbers: .real)
    step.loss = loss
    let differences = try step.fast().differences(
      from: step.reference(Double.self), tolerance: 1e-5)
    #expect(differences == [])
    #expect(GradientCheck.findings(step) == [])
  }

  /// Targets that are no distribution, as sums of several labels are.
  @Test func softmaxLossHoldsForTargetsOfAnySum() throws {
    let graph = try observedGraph(Shape(height: 1, width: 2, channels: 3)) { x, graph in
      graph.dense(x, "dense", units: 4)
    }
    var step = Step(graph, numbers: .real)
    step.targets = [1, 0, 1, 0, 0, 2, 0, 0.5]
    let differences = try step.fast().differences(
      from: step.reference(Double.self), tolerance: 1e-5)
    #expect(differences == [])
    #expect(GradientCheck.findings(step) == [])
  }
}
