// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// The checkers of steps, gradients, plans, memory and golden costs can fail.
@Suite struct CheckerTests {
  private static let input = Shape(height: 6, width: 5, channels: 4)

  // MARK: Gradients

  @Test(arguments: Doubling.Fault.allCases)
  func aBrokenGradientIsNoticed(_ fault: Doubling.Fault) throws {
    let graph = try observedGraph(Self.input) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 4, kernel: 3)
      return graph.append(Doubling(fault: fault), "doubling", [mapped])
    }
    let findings = GradientCheck.findings(Step(graph, numbers: .real))
    #expect(findings.isEmpty == (fault == .none), "\(findings)")
  }

  /// The fast executor's gradients are broken, the twin's are not.
  @Test func aWrongGradientDiffersFromTheTwin() throws {
    func graph(_ fault: Doubling.Fault) throws -> Graph {
      try observedGraph(Self.input, gradient: .integers) { x, graph in
        graph.append(Doubling(fault: fault), "doubling", [x])
      }
    }
    let right = Step(try graph(.none), numbers: .integers).reference(Double.self)
    for fault in Doubling.Fault.allCases {
      let differences = try Step(graph(fault), numbers: .integers).fast()
        .differences(from: right, tolerance: nil, losses: false)
      #expect(differences.isEmpty == (fault == .none))
      #expect(differences.allSatisfy { $0.hasPrefix("gradient of tap/value") })
    }
  }

  // MARK: Results

  private static func result() throws -> StepResult<Float> {
    let graph = try observedGraph(input) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 4, kernel: 3)
      return graph.batchNorm(mapped, "bn")
    }
    return try Step(graph, numbers: .real).fast()
  }

  @Test func spoiledResultsAreNoticed() throws {
    let right = try Self.result()
    let faults: [(String, (inout StepResult<Float>) -> Void)] = [
      ("a NaN in the output", { $0.logits[3] = .nan }),
      ("two channels swapped", { $0.logits.swapAt(0, 1) }),
      ("a number too few", { $0.logits.removeLast() }),
      ("an infinite loss", { $0.losses[1] = .infinity }),
      ("no gradient of the kernel", { $0.gradients["conv/kernel"] = nil }),
      ("a short gradient", { $0.gradients["conv/kernel"]?.removeLast() }),
      ("a gradient of zero", { $0.gradients["bn/scale"] = [0, 0, 0, 0] }),
      ("a gradient too many", { $0.gradients["conv/bias"] = [0] }),
      ("statistics that stay", { $0.statistics["bn/running-mean"] = [0, 0, 0, 0] }),
    ]
    #expect(right.differences(from: right, tolerance: nil) == [])
    for (fault, spoil) in faults {
      var spoiled = right
      spoil(&spoiled)
      #expect(spoiled.differences(from: right, tolerance: nil) != [], "\(fault)")
      #expect(spoiled.differences(from: right, tolerance: 1e-3) != [], "\(fault)")
      #expect(right.differences(from: spoiled, tolerance: 1e-3) != [], "\(fault)")
    }
  }

  // MARK: Plans

  @Test func spoiledPlansAreNoticed() throws {
    var builder = GraphBuilder("test", input: Self.input)
    let mapped = builder.conv2D(builder.input, "conv", filters: 4, kernel: 3)
    let normalized = builder.batchNorm(mapped, "bn")
    let active = builder.relu(normalized, "relu")
    let mean = builder.globalAveragePool(active, "mean")
    let logits = builder.dense(mean, "dense", units: 3)
    let graph = try builder.finish(logits)
    let plan = Plan(graph, mode: .training, batch: 2, threads: 1, fuses: false)
    let position = try #require(graph.nodes.firstIndex { $0.name == "conv" })
    let output = try #require(plan.buffer(of: .output(position)))
    let faults: [(String, (inout PlanCheck) -> Void)] = [
      ("two buffers in one place", { $0.buffers[output].offset = $0.buffers[0].offset }),
      ("a buffer outside the arena", { $0.arenaCount /= 2 }),
      ("a crooked buffer", { $0.buffers[output].offset += 1 }),
      ("a buffer that dies early", { $0.buffers[output].lastStep = position }),
      ("a short buffer", { $0.buffers[output].count -= 1 }),
      ("no gradient", { $0.places[.gradient(position)] = .some(nil) }),
      ("no vectors", { $0.places[.saved(position + 1)] = .some(nil) }),
      ("batch norm over its input", { $0.places[.output(position + 1)] = output }),
    ]
    #expect(PlanCheck(graph, plan).findings == [])
    for (fault, spoil) in faults {
      var check = PlanCheck(graph, plan)
      spoil(&check)
      #expect(check.findings != [], "\(fault)")
    }
  }

  @Test func spoiledFusionIsNoticed() throws {
    var builder = GraphBuilder("test", input: Self.input)
    let mapped = builder.conv2D(builder.input, "conv", filters: 16, kernel: 3)
    let normalized = builder.batchNorm(mapped, "bn")
    let active = builder.relu(normalized, "relu")
    let mixed = builder.conv2D(active, "mixed", filters: 16, kernel: 1)
    let mean = builder.globalAveragePool(mixed, "mean")
    let logits = builder.dense(mean, "dense", units: 3)
    let graph = try builder.finish(logits)
    let plan = Plan(graph, mode: .training, batch: 2, threads: 1)
    let conv = try #require(graph.nodes.firstIndex { $0.name == "conv" })
    func buffer(_ operand: Operand) throws -> Int { try #require(plan.buffer(of: operand)) }
    let output = try buffer(.output(conv))
    let (saved, moments) = (try buffer(.saved(conv + 1)), try buffer(.moments(conv + 1)))
    let (sums, gradient) = (try buffer(.sums(conv + 1)), try buffer(.gradient(conv + 1)))
    let faults: [(String, (inout PlanCheck) -> Void)] = [
      ("an input that its batch norm's readers miss", { $0.buffers[output].lastStep = conv + 3 }),
      ("an input that its own gradient misses", { $0.buffers[output].lastStep -= 1 }),
      ("vectors that their readers miss", { $0.buffers[saved].lastStep = conv + 2 }),
      ("vectors that the op before misses", { $0.buffers[saved].lastStep -= 1 }),
      ("moments too late", { $0.buffers[moments].firstStep += 1 }),
      ("moments that die early", { $0.buffers[moments].lastStep -= 1 }),
      ("no sums", { $0.places[.sums(conv + 1)] = .some(nil) }),
      ("short sums", { $0.buffers[sums].count = 0 }),
      ("a gradient that is not handed on", { $0.buffers[gradient].lastStep -= 1 }),
    ]
    #expect(PlanCheck(graph, plan).findings == [])
    for (fault, spoil) in faults {
      var check = PlanCheck(graph, plan)
      spoil(&check)
      #expect(check.findings != [], "\(fault)")
    }
  }

  // MARK: Memory

  @Test func memoryTakenAtEveryStepIsNoticed() throws {
    func bytes(_ op: any Op) throws -> Int {
      let graph = try observedGraph(Self.input) { x, graph in graph.append(op, "op", [x]) }
      let executor = try Step(graph, numbers: .real).executor()
      for number in 0..<3 { executor.run(step: number) }
      return try #require(FreshMemory.bytes(rounds: 5) { executor.run(step: 3 + $0) })
    }
    let hoarded = try bytes(Hoarder())
    #expect(hoarded >= 5 * 500_000)
    let plain = try bytes(Doubling(fault: .none))
    #expect(plain < 250_000)
  }

  // MARK: Golden costs

  @Test func changedCostsAreNoticed() throws {
    func entry(filters: Int, stride: Int = 1, name: String = "conv") throws -> Golden.Entry {
      var graph = GraphBuilder("test", input: Self.input)
      let mapped = graph.conv2D(graph.input, name, filters: filters, kernel: 3, stride: stride)
      return Golden.Entry(try graph.finish(mapped))
    }
    let golden = ["net": try entry(filters: 4)]
    #expect(Golden.differences(golden, golden: golden) == [])
    #expect(golden["net"]?.trainableParameters == 144)
    #expect(golden["net"]?.multiplyAdds == 144 * 30)
    for other in [
      ["net": try entry(filters: 5)], ["net": try entry(filters: 4, stride: 2)],
      ["net": try entry(filters: 4, name: "renamed")], [:],
      ["net": try entry(filters: 4), "new": try entry(filters: 4)],
    ] {
      #expect(Golden.differences(other, golden: golden).count == 1)
    }
  }
}
