// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Engine

/// What each rule does to the steps, and where it must do nothing.
@Suite struct RuleTests {
  /// A schedule of a small graph, whose nodes are found by name.
  private struct Case {
    var schedule: Schedule
    private let names: [String]

    init(
      channels: Int = 16, mode: Plan.Mode = .training,
      _ body: (Value, inout GraphBuilder) -> Value
    ) throws {
      var graph = GraphBuilder("case", input: Shape(height: 6, width: 6, channels: channels))
      let stem = graph.conv2D(graph.input, "stem", filters: channels, kernel: 1)
      let result = body(stem, &graph)
      let logits = graph.dense(graph.globalAveragePool(result, "mean"), "logits", units: 3)
      let finished = try graph.finish(logits)
      names = finished.nodes.map(\.name)
      schedule = Schedule(finished, mode: mode, batch: 2, threads: 1)
    }

    func node(_ name: String) throws -> Int { try #require(names.firstIndex(of: name)) }
    func forward(_ name: String) throws -> Plan.Step? { schedule.forward[try node(name)] }
    func backward(_ name: String) throws -> Plan.Step? { schedule.backward[try node(name)] }

    mutating func apply(_ rules: any Rule...) {
      for rule in rules { rule.rewrite(&schedule) }
    }
  }

  private static func residual() throws -> Case {
    try Case { x, graph in
      let active = graph.relu(x, "relu")
      let mapped = graph.conv2D(active, "conv", filters: 16, kernel: 3)
      let normalized = graph.batchNorm(mapped, "bn")
      return graph.add(normalized, active, "sum")
    }
  }

  @Test func plainStepsWriteEverything() throws {
    let schedule = try Self.residual().schedule
    for step in schedule.forward.compactMap({ $0 }) {
      #expect(step.targets == [Plan.Target(.output(step.node))])
      #expect(step.inputs.allSatisfy { $0.absorbed.isEmpty })
    }
    #expect(schedule.backward[schedule.graph.input.index] == nil)
    #expect(schedule.backward.dropFirst().allSatisfy { $0 != nil })
  }

  @Test func depthwiseIntoPointwise() throws {
    var test = try Case { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      return graph.conv2D(spatial, "pointwise", filters: 16, kernel: 1)
    }
    test.apply(DepthwiseIntoPointwise())
    let view = Plan.View(source: try test.node("stem"), depthwise: try test.node("depthwise"))
    #expect(try test.forward("depthwise") == nil)
    #expect(try test.forward("pointwise")?.inputs == [view])
    #expect(try test.backward("pointwise")?.inputs == [view])
    // The gradient of what is not stored is.
    #expect(
      try test.backward("pointwise")?.targets
        == [Plan.Target(.gradient(try test.node("depthwise")))])
    #expect(try test.backward("depthwise") != nil)
  }

  @Test func aDepthwiseConvolutionWithTwoReadersStays() throws {
    var test = try Case { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let mixed = graph.conv2D(spatial, "pointwise", filters: 16, kernel: 1)
      return graph.add(mixed, spatial, "sum")
    }
    test.apply(DepthwiseIntoPointwise())
    #expect(try test.forward("depthwise") != nil)
  }

  @Test func absorbNormalization() throws {
    var test = try Self.residual()
    test.apply(AbsorbNormalization())
    let view = Plan.View(source: try test.node("conv"), normalization: try test.node("bn"))
    #expect(try test.forward("bn")?.targets == [nil])
    #expect(try test.forward("sum")?.inputs[0] == view)
  }

  /// An average pool reads numbers as they lie in memory.
  @Test func aNormalizationThatSomebodyCannotApplyStays() throws {
    var test = try Case { x, graph in
      let normalized = graph.batchNorm(x, "bn")
      let pooled = graph.averagePool(normalized, "pool", window: 3, stride: 1)
      return graph.add(pooled, normalized, "sum")
    }
    test.apply(AbsorbNormalization())
    #expect(try test.forward("bn")?.targets != [nil])
  }

  @Test(arguments: Activation.allCases)
  func absorbActivation(_ activation: Activation) throws {
    var test = try Case { x, graph in
      let active = graph.activation(graph.batchNorm(x, "bn"), "active", activation)
      return graph.conv2D(active, "conv", filters: 16, kernel: 3)
    }
    test.apply(AbsorbNormalization(), AbsorbActivation())
    let bn = try test.node("bn")
    let view = Plan.View(
      source: try test.node("stem"), normalization: bn, activation: try test.node("active"))
    #expect(try test.forward("active") == nil)
    #expect(try test.backward("active") == nil)
    #expect(try test.forward("conv")?.inputs == [view])
    let target = try #require(try test.backward("conv")?.targets[0])
    #expect(target.operand == .gradient(bn))
    #expect(target.mask == view && !target.masksSum)
  }

  /// The winners of a max-pool say where a ReLU was zero, and nothing of other activations.
  @Test func maxPoolsApplyTheReLUAlone() throws {
    for (activation, isAbsorbed) in [(Activation.relu, true), (.silu, false)] {
      var test = try Case { x, graph in
        graph.maxPool(graph.activation(x, "active", activation), "pool", window: 3, stride: 2)
      }
      test.apply(AbsorbActivation())
      #expect(try (test.forward("active") == nil) == isAbsorbed)
    }
  }

  @Test func maskOnce() throws {
    var test = try Self.residual()
    test.apply(AbsorbNormalization(), AbsorbActivation(), MaskOnce())
    let first = try #require(try test.backward("sum")?.targets[1])
    let last = try #require(try test.backward("conv")?.targets[0])
    #expect(first.operand == last.operand)
    #expect(first.mask == nil)
    #expect(last.mask != nil && last.masksSum)
  }

  @Test func gatherMoments() throws {
    var test = try Self.residual()
    test.apply(GatherMoments())
    let (conv, bn) = (try test.node("conv"), try test.node("bn"))
    #expect(try test.forward("conv")?.targets[0]?.gathersFor == bn)
    #expect(try test.forward("bn")?.gatherer == conv)
  }

  /// Inference has no moments of its own.
  @Test func inferenceGathersNothing() throws {
    var test = try Case(mode: .inference) { x, graph in
      graph.batchNorm(graph.conv2D(x, "conv", filters: 16, kernel: 3), "bn")
    }
    test.apply(GatherMoments(), HandGradientOn(), GatherSums())
    #expect(try test.forward("conv")?.targets[0]?.gathersFor == nil)
    #expect(test.schedule.steps.allSatisfy { $0.pass == .forward })
  }

  @Test func handGradientOn() throws {
    var test = try Self.residual()
    test.apply(HandGradientOn())
    let bn = try test.node("bn")
    #expect(try test.backward("bn")?.targets == [nil])
    #expect(
      try test.backward("conv")?.gradient == Plan.GradientSource(node: bn, normalization: bn))
    let writes = test.schedule.steps.flatMap(\.writes)
    #expect(!writes.contains(.gradient(try test.node("conv"))))
  }

  /// A batch norm that goes into a sum alone has the sum's gradient.
  @Test func gatherSums() throws {
    var test = try Case { x, graph in
      let normalized = graph.batchNorm(x, "bn")
      let sum = graph.add(normalized, graph.conv2D(x, "other", filters: 16, kernel: 1), "sum")
      return graph.conv2D(sum, "last", filters: 16, kernel: 3)
    }
    test.apply(GatherSums())
    let (bn, last) = (try test.node("bn"), try test.node("last"))
    #expect(try test.backward("last")?.targets[0]?.gathersFor == bn)
    #expect(try test.backward("bn")?.gatherer == last)
    let step = try #require(test.schedule.steps.first { $0.pass == .backward && $0.node == bn })
    #expect(step.reads.contains(.sums(bn)))
  }

  @Test func workInPlace() throws {
    var test = try Case { x, graph in
      let active = graph.relu(x, "relu")
      return graph.dropout(active, "dropout", rate: 0.5)
    }
    test.apply(WorkInPlace())
    let (stem, relu) = (try test.node("stem"), try test.node("relu"))
    #expect(test.schedule.places[.output(relu)] == .output(stem))
    // The ReLU's gradient reads its output again.
    #expect(test.schedule.places[.output(try test.node("dropout"))] == nil)
    #expect(test.schedule.places[.gradient(stem)] == .gradient(relu))
  }

  /// Backward needs the input of all other activations.
  @Test func anActivationThatReadsItsInputAgainIsStoredBesideIt() throws {
    var test = try Case { x, graph in
      graph.averagePool(graph.activation(x, "silu", .silu), "pool", window: 3, stride: 1)
    }
    test.apply(WorkInPlace())
    #expect(test.schedule.places[.output(try test.node("silu"))] == nil)
  }

  @Test func shareGradientOfSum() throws {
    var test = try Case { x, graph in
      let left = graph.conv2D(x, "left", filters: 16, kernel: 1)
      let right = graph.conv2D(x, "right", filters: 16, kernel: 3)
      return graph.add(left, right, "sum")
    }
    test.apply(ShareGradientOfSum())
    let sum = Operand.gradient(try test.node("sum"))
    for name in ["left", "right"] {
      #expect(test.schedule.places[.gradient(try test.node(name))] == sum)
    }
  }

  /// What a later step adds to is no longer the sum's gradient.
  @Test func aGradientThatGrowsIsNotShared() throws {
    var test = try Case { x, graph in
      let left = graph.conv2D(x, "left", filters: 16, kernel: 1)
      let right = graph.conv2D(left, "right", filters: 16, kernel: 3)
      return graph.add(left, right, "sum")
    }
    test.apply(ShareGradientOfSum())
    let shared = try ["left", "right"].filter { name in
      test.schedule.places[.gradient(try test.node(name))] != nil
    }
    #expect(shared == ["left"])
  }
}
