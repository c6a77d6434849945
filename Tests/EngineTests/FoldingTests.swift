// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import TestSupport
import Testing

/// Networks folded for inference against the graph that they come from.
@Suite struct FoldingTests {
  typealias Case = FusionTests.Case

  private static func step(_ graph: Graph, batch: Int = 3) -> Step {
    var step = Step(graph, batch: batch, numbers: .real)
    step.isTraining = false
    return step
  }

  /// 2e-5 of the largest number, as for fused plans; by the twins, which fold nothing.
  @Test(arguments: cases)
  func foldedNetworksEqualThePlainOnes(_ test: Case) throws {
    let step = Self.step(try test.graph)
    let folded = try step.folded(threads: 2)
    #expect(folded.differences(from: step.reference(Double.self), tolerance: 2e-5) == [])
    #expect(folded.differences(from: try step.fast(fuses: false), tolerance: 2e-5) == [])
  }

  @Test(arguments: cases)
  func threadsChangeNoBit(_ test: Case) throws {
    let step = Self.step(try test.graph, batch: 5)
    let alone = try step.folded()
    for threads in [2, 3] {
      #expect(try step.folded(threads: threads).differences(from: alone, tolerance: nil) == [])
    }
  }

  @Test(arguments: cases)
  func plansHold(_ test: Case) throws {
    for batch in [1, 4] {
      let graph = Folding(try test.graph, batch: batch).graph
      let plan = Plan(graph, mode: .inference, batch: batch, threads: 2)
      #expect(PlanCheck.findings(graph, plan) == [])
    }
  }

  @Test func wholeNetworksFold() throws {
    let graph = try PlanTests.network(width: 20, side: 17)
    let step = Self.step(graph, batch: 4)
    #expect(
      try step.folded(threads: 2).differences(
        from: step.reference(Double.self), tolerance: 2e-5) == [])
    #expect(Folding(graph, batch: 4).graph.cost.multiplyAdds == graph.cost.multiplyAdds)
  }

  @Test func frozenNetworksFoldAlike() throws {
    let graph = try FusionTests.cases[0].graph
    let step = Self.step(graph)
    var frozen = step
    frozen.graph = graph.freezingBase()
    #expect(try frozen.folded().logits == step.folded().logits)
  }

  // MARK: What folds

  private static func absorbed(
    width: Int = 6, _ body: (Value, inout GraphBuilder) -> Value
  ) throws -> (names: [String], absorbed: [[String]]) {
    var builder = GraphBuilder("case", input: Shape(height: 5, width: width, channels: 16))
    let result = body(builder.input, &builder)
    let folded = Folding(try builder.finish(result), batch: 1).graph
    let steps = Plan(folded, mode: .inference, batch: 1, threads: 1, fuses: false)
      .profile(folded, hasLoss: false)
    return (steps.map(\.name), steps.map(\.absorbs))
  }

  @Test func whatFoldsIsSaid() throws {
    let (names, absorbed) = try Self.absorbed { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 8, kernel: 3)
      let active = FusionTests.activated(mapped, "after", &graph)
      let curved = graph.activation(active, "elu", .elu)
      let spatial = graph.depthwiseConv2D(curved, "depthwise", kernel: 3)
      return graph.relu(spatial, "relu")
    }
    #expect(names == ["conv", "elu", "depthwise"])
    #expect(absorbed == [["after/bn", "after/relu"], [], ["relu"]])
  }

  /// Rows of 47 pixels are not worth the 1×1 kernel's way to the cache, those of 48 are.
  @Test(arguments: [47, 48])
  func longRowsOfDepthwiseConvolutionsFold(_ width: Int) throws {
    let (names, absorbed) = try Self.absorbed(width: width) { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let between = FusionTests.activated(spatial, "between", &graph)
      let mixed = graph.conv2D(between, "pointwise", filters: 16, kernel: 1)
      let after = FusionTests.activated(mixed, "after", &graph)
      return graph.depthwiseConv2D(after, "last", kernel: 3)
    }
    let between = ["between/bn", "between/relu"]
    let after = ["after/bn", "after/relu"]
    #expect(
      names == (width < 48 ? ["depthwise", "pointwise", "last"] : ["pointwise", "last"]))
    #expect(
      absorbed == (width < 48 ? [between, after, []] : [["depthwise"] + between + after, []]))
  }

  /// The last of a sum's convolutions adds the other summand, which is there by then.
  @Test func sumsFoldIntoTheLastConvolution() throws {
    let (names, absorbed) = try Self.absorbed { x, graph in
      let first = graph.conv2D(x, "first", filters: 16, kernel: 1)
      let second = graph.conv2D(x, "second", filters: 16, kernel: 1)
      let normalized = graph.batchNorm(second, "bn")
      let sum = graph.relu(graph.add(normalized, first, "sum"), "relu")
      let early = graph.conv2D(sum, "early", filters: 16, kernel: 1)
      return graph.add(early, graph.activation(sum, "elu", .elu), "last")
    }
    #expect(names == ["first", "second", "early", "elu", "last"])
    #expect(absorbed == [[], ["bn", "sum", "relu"], [], [], []])
  }

  /// A batch norm may change nothing that others read.
  @Test func whatOthersReadDoesNotFold() throws {
    let (names, absorbed) = try Self.absorbed { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 3)
      let normalized = graph.batchNorm(mapped, "bn")
      let sum = graph.add(mapped, normalized, "sum")
      let second = graph.conv2D(sum, "second", filters: 16, kernel: 1)
      let again = graph.batchNorm(second, "again")
      let active = graph.relu(again, "relu")
      return graph.add(again, active, "last")
    }
    #expect(names == ["conv", "bn", "sum", "second", "relu", "last"])
    #expect(absorbed == [[], [], [], ["again"], [], []])
  }

  /// The network's output is read by whoever runs it.
  @Test func theOutputIsNotReadThroughWhatFollows() throws {
    var builder = GraphBuilder("case", input: Shape(height: 1, width: 1, channels: 4))
    let logits = builder.dense(builder.input, "logits", units: 3)
    let other = builder.relu(logits, "relu")
    let graph = try builder.finish(other)
    #expect(Folding(graph, batch: 4).graph.nodes.map(\.name) == ["input", "logits"])
    let step = Self.step(graph)
    #expect(try step.folded().logits.allSatisfy { $0 >= 0 })
    #expect(
      try step.folded().differences(from: step.reference(Double.self), tolerance: 2e-5) == [])
  }

  // MARK: Weights

  /// What is folded stays as it is until it is folded anew, and is then seen by executors.
  @Test func laterWeightsAreSeenWhenFoldedAnew() throws {
    let graph = try PlanTests.network()
    let step = Self.step(graph)
    let memory = try ParameterMemory(graph)
    for (path, numbers) in step.parameters { try memory.set(path, to: numbers) }
    let network = try FoldedNetwork(graph, batch: step.batch, pool: ThreadPool(threads: 1))
    network.fold(memory.all)
    let executor = try network.executor()
    executor.load(images: step.images)
    executor.run()
    let first = executor.logits
    for path in ["stem/kernel", "bn1/scale", "dense/bias"] {
      try memory.set(path, to: (step.parameters[path] ?? []).map { 2 * $0 + 1 })
    }
    executor.run()
    #expect(executor.logits == first)
    network.fold(memory.all)
    executor.run()
    #expect(executor.logits != first)
    var changed = step
    for path in ["stem/kernel", "bn1/scale", "dense/bias"] {
      changed.parameters[path] = memory[path]
    }
    #expect(try executor.logits == changed.folded().logits)
  }

  /// Steps of a folded network take no memory, least of all for packing.
  @Test func stepsTakeNoMemory() throws {
    let graph = try PlanTests.network(width: 16, side: 40)
    let network = try FoldedNetwork(graph, batch: 4, pool: ThreadPool(threads: 1))
    let executor = try network.executor()
    for number in 0..<3 { executor.run(step: number) }
    let bytes = FreshMemory.bytes(rounds: 5) { executor.run(step: 3 + $0) }
    #expect(try #require(bytes) < 4 * 40 * 41 * 16)
  }

  /// The packed kernels are all that the network needs, and the demand knows them.
  @Test func memoryIsThatOfThePackedKernels() throws {
    var builder = GraphBuilder("case", input: Shape(height: 4, width: 4, channels: 64))
    let mapped = builder.conv2D(builder.input, "conv", filters: 128, kernel: 3)
    let logits = builder.dense(FusionTests.activated(mapped, "after", &builder), "dense", units: 64)
    let graph = try builder.finish(logits)
    let demand = MemoryDemand(
      Folding(graph, batch: 1).graph, mode: .inference, batch: 1, threads: 1)
    let bytes = 4 * (128 * (1 + 9 * 64) + 64 * (1 + 4 * 4 * 128))
    #expect(demand.parameterBytes == bytes)
    let plain = MemoryDemand(graph, mode: .inference, batch: 1, threads: 1)
    #expect(demand.arenaBytes < plain.arenaBytes)
    #expect(FoldedNetwork.bytes(graph, batch: 1, threads: 1) == demand.bytes)
  }
}
