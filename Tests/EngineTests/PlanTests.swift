// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// Memory: planned without overlap, shared, and never a reason for another result.
@Suite struct PlanTests {
  private static let modes = [Plan.Mode.training, .inference]

  /// A residual network in small, with every op that works in place.
  static func network(width: Int = 8, side: Int = 8) throws(GraphError) -> Graph {
    var graph = GraphBuilder(
      "small", input: Shape(height: side, width: side + 1, channels: 3))
    let stem = graph.conv2D(graph.input, "stem", filters: width, kernel: 3)
    let normalized = graph.batchNorm(stem, "bn1")
    let active = graph.relu(normalized, "relu1")
    let spatial = graph.depthwiseConv2D(active, "depthwise", kernel: 3)
    let mixed = graph.conv2D(spatial, "pointwise", filters: width, kernel: 1)
    let again = graph.batchNorm(mixed, "bn2")
    let sum = graph.add(again, active, "sum")
    let curved = graph.activation(sum, "elu", .elu)
    let pooled = graph.maxPool(curved, "pool", window: 3, stride: 2)
    let left = graph.slice(pooled, "left", channels: 0..<width / 2)
    let leftMapped = graph.conv2D(left, "leftMapped", filters: width, kernel: 3)
    let joined = graph.concatenate([leftMapped, pooled], "joined")
    let dropped = graph.dropout(joined, "dropout", rate: 0.25)
    let mean = graph.globalAveragePool(dropped, "mean")
    let logits = graph.dense(mean, "dense", units: 5)
    return try graph.finish(logits)
  }

  @Test(arguments: OpCase.exact + OpCase.rounded, modes)
  func plansOfSingleOpsHold(_ op: OpCase, _ mode: Plan.Mode) throws {
    let graph = try observedGraph(op.input, op.body)
    let plan = Plan(graph, mode: mode, batch: 2, threads: 2)
    #expect(PlanCheck.findings(graph, plan) == [])
  }

  @Test(arguments: modes, [1, 2, 7])
  func plansOfNetworksHold(_ mode: Plan.Mode, _ batch: Int) throws {
    let graph = try Self.network()
    for reusesMemory in [true, false] {
      let plan = Plan(graph, mode: mode, batch: batch, threads: 2, reusesMemory: reusesMemory)
      #expect(PlanCheck.findings(graph, plan) == [])
    }
  }

  @Test func memoryIsShared() throws {
    let graph = try Self.network(width: 16, side: 16)
    let training = Plan(graph, mode: .training, batch: 64, threads: 1)
    let apart = Plan(graph, mode: .training, batch: 64, threads: 1, reusesMemory: false)
    let inference = Plan(graph, mode: .inference, batch: 64, threads: 1)
    let sum = apart.buffers.reduce(0) { $0 + $1.count }
    #expect(apart.arenaCount >= sum)
    #expect(Double(training.arenaCount) < 0.6 * Double(sum))
    #expect(Double(inference.arenaCount) < 0.7 * Double(training.arenaCount))
  }

  @Test func reusedMemoryGivesTheSameBits() throws {
    var step = Step(try Self.network(), batch: 3, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let apart = try step.fast(reusesMemory: false)
      let differences = try step.fast().differences(from: apart, tolerance: nil)
      #expect(differences == [], "training: \(isTraining)")
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    var step = Step(try Self.network(width: 20, side: 17), batch: 5, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let alone = try step.fast(threads: 1)
      for threads in [2, 3] {
        let differences = try step.fast(threads: threads).differences(from: alone, tolerance: nil)
        #expect(differences == [], "\(threads) threads, training: \(isTraining)")
      }
    }
  }

  /// The second step must not see what the first one left in the arena.
  @Test func theSameStepTwiceGivesTheSameBits() throws {
    let step = Step(try Self.network(), batch: 3, numbers: .real)
    let executor = try step.executor()
    let first = step.run(executor)
    let second = step.run(executor)
    #expect(second.logits == first.logits)
    #expect(second.gradients == first.gradients)
    #expect(second.statistics != first.statistics)
  }

  @Test func networkEqualsTheTwins() throws {
    var step = Step(try Self.network(), batch: 3, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let differences = try step.fast().differences(
        from: step.reference(Double.self), tolerance: 2e-5)
      #expect(differences == [], "training: \(isTraining)")
    }
  }
}
