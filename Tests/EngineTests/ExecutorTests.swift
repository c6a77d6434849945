// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// What the executor promises beside right numbers.
@Suite struct ExecutorTests {
  private static func step(rate: Float) throws -> Step {
    let graph = try observedGraph(
      Shape(height: 20, width: 30, channels: 8), gradient: .integers
    ) { x, graph in
      graph.dropout(x, "dropout", rate: rate)
    }
    var step = Step(graph, numbers: .real)
    step.images = step.images.map { _ in 1 }
    return step
  }

  // MARK: Dropout

  /// The rate, both passes and inference; a mask that is made and thrown away is seen here.
  @Test(arguments: [Float(0.1), 0.5, 0.75])
  func dropoutDropsWhatItSays(_ rate: Float) throws {
    let findings = try DropoutCheck.findings(rate: rate) { x, graph in
      graph.dropout(x, "dropout", rate: rate)
    }
    #expect(findings == [])
  }

  @Test func masksDependOnStepSeedAndName() throws {
    var step = try Self.step(rate: 0.5)
    let first = try step.fast().logits
    #expect(try step.fast().logits == first)
    step.number = 1
    #expect(try step.fast().logits != first)
    step.number = 0
    step.seed += 1
    #expect(try step.fast().logits != first)
    let graph = try observedGraph(Shape(height: 20, width: 30, channels: 8)) { x, graph in
      graph.dropout(x, "other", rate: 0.5)
    }
    var other = Step(graph, numbers: .real)
    other.images = step.images
    #expect(try other.fast().logits != first)
  }

  // MARK: Batch norm's statistics

  @Test func inferenceLeavesStatisticsAlone() throws {
    let graph = try observedGraph(Shape(height: 4, width: 5, channels: 3)) { x, graph in
      graph.batchNorm(x, "bn")
    }
    var step = Step(graph, numbers: .real)
    step.isTraining = false
    #expect(try step.fast().statistics["bn/running-mean"] == step.parameters["bn/running-mean"])
    step.isTraining = true
    #expect(try step.fast().statistics["bn/running-mean"] != step.parameters["bn/running-mean"])
  }

  /// A channel of 1, 2, 3, 4: mean 2.5, biased variance 1.25.
  @Test func statisticsMoveByTheirDecay() throws {
    var builder = GraphBuilder(
      "bn", input: Shape(height: 2, width: 2, channels: 1), runningDecay: 0.75)
    let normalized = builder.batchNorm(builder.input, "bn")
    let logits = builder.append(Flatten(), "flatten", [normalized])
    var step = Step(try builder.finish(logits), batch: 1, numbers: .real)
    step.parameters["bn/running-mean"] = [0.5]
    step.parameters["bn/running-variance"] = [1]
    step.parameters["bn/scale"] = [1]
    step.parameters["bn/offset"] = [0]
    step.images = [1, 2, 3, 4]
    let result = try step.fast()
    #expect(result.statistics["bn/running-mean"] == [0.5 * 0.75 + 0.25 * 2.5])
    #expect(result.statistics["bn/running-variance"] == [1 * 0.75 + 0.25 * 1.25])
    let expected = [-1.5, -0.5, 0.5, 1.5].map { $0 / (1.251).squareRoot() }
    #expect(Compare.close(result.logits, expected, tolerance: 1e-6) == nil)
  }

  // MARK: What is not finite

  @Test(arguments: [
    ("pointwise/kernel", Float.infinity, "pointwise"), ("depthwise/kernel", .nan, "depthwise"),
    ("bn2/scale", .infinity, "bn2"), ("dense/bias", .nan, "dense"),
  ])
  func theFirstOutputThatIsNotFiniteIsNamed(
    _ path: String, _ value: Float, _ op: String
  ) throws {
    var step = Step(try PlanTests.network(), numbers: .real)
    step.parameters[path]?[1] = value
    let executor = try step.executor()
    let result = step.run(executor)
    let isFinite = result.losses.allSatisfy { $0.isFinite }
    #expect(!isFinite)
    #expect(executor.firstNonFiniteOp(step: 0) == op)
  }

  @Test func finiteStepsNameNothing() throws {
    let step = Step(try PlanTests.network(), numbers: .real)
    let executor = try step.executor()
    _ = step.run(executor)
    #expect(executor.firstNonFiniteOp(step: 0) == nil)
  }

  @Test func aNaNInTheImagesIsNamed() throws {
    var step = Step(try PlanTests.network(), numbers: .real)
    step.images[17] = .nan
    let executor = try step.executor()
    _ = step.run(executor)
    #expect(executor.firstNonFiniteOp(step: 0) == "input")
  }

  // MARK: Memory

  /// A step may touch no more new memory than a quarter of one activation.
  @Test func stepsTakeNoMemory() throws {
    let step = Step(try PlanTests.network(width: 16, side: 40), batch: 4, numbers: .real)
    let executor = try step.executor()
    executor.load(images: step.images)
    executor.load(targets: step.targets)
    for number in 0..<3 { executor.run(step: number) }
    let bytes = FreshMemory.bytes(rounds: 5) { executor.run(step: 3 + $0) }
    let activation = 4 * 4 * 40 * 41 * 16
    #expect(try #require(bytes) < activation / 4)
  }

  // MARK: Loading

  @Test func labelsAreDistributions() throws {
    let step = Step(try PlanTests.network(), batch: 3, numbers: .real)
    let executor = try step.executor()
    executor.load(images: step.images)
    executor.load(labels: [4, 0, 2])
    executor.run()
    let byLabels = executor.losses
    executor.load(targets: [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0])
    executor.run()
    #expect(byLabels.count == 3)
    #expect(executor.losses == byLabels)
  }
}
