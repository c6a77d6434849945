// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import TestSupport
import Testing

/// Bugs that public code really had, each put in once: the checkers find them.
@Suite struct InjectedBugTests {
  private static let input = Shape(height: 6, width: 5, channels: 4)

  // MARK: The lost ReLU

  @Test func aLostReLUDoesNotBuild() {
    let error = #expect(throws: GraphError.self) { try checkBlock(LosesReLU.self) }
    #expect(error?.description == "block/between: its output is never used")
  }

  /// Neither shapes nor counts can tell; the numbers can.
  @Test func aDroppedReLUDiffersInNumbers() throws {
    func graph(_ active: Bool) throws -> Graph {
      try observedGraph(Self.input, gradient: .integers) { x, graph in
        let mapped = graph.conv2D(x, "conv", filters: 4, kernel: 3)
        let middle = active ? graph.relu(mapped, "relu") : mapped
        return graph.depthwiseConv2D(middle, "depthwise", kernel: 3)
      }
    }
    let (right, wrong) = (try graph(true), try graph(false))
    #expect(right.cost == wrong.cost)
    #expect(right.outputShape == wrong.outputShape)
    let expected = Step(right, numbers: .integers).reference(Float.self)
    let differences = try Step(wrong, numbers: .integers).fast()
      .differences(from: expected, tolerance: nil, losses: false)
    #expect(differences.count == 4)
  }

  // MARK: Blocks

  @Test func theRealBlockHasNoFindings() throws {
    let findings = try checkBlock(ExtremeInception.self)
    #expect(findings == [])
  }

  @Test(arguments: [
    (IgnoresBetween.self as any Block.Type, "is the same block as"),
    (IgnoresStride.self, "stride 2 is the same block as"),
    (DeadBranch.self, "block/pointwise/kernel has no gradient"),
    (TakesAnything.self, "filters 0 is taken; it should be refused"),
    (TakesAnything.self, "depthMultiplier 2 is taken; it should be refused"),
  ])
  func faultyBlocksAreFound(_ type: any Block.Type, _ finding: String) throws {
    let findings = try checkBlock(type)
    #expect(findings.contains { $0.contains(finding) }, "\(findings)")
  }

  @Test func aStrideOnTheWrongConvolutionCostsOtherwise() throws {
    func entry(_ type: any Block.Type) throws -> [String: Golden.Entry] {
      let variant = BlockCase(type) { $0.stride = 2 }
      return ["block": Golden.Entry(try variant.plainGraph())]
    }
    let (right, wrong) = (
      try entry(ExtremeInception.self), try entry(StrideOnTheWrongConvolution.self)
    )
    #expect(
      right["block"]?.trainableParameters == wrong["block"]?.trainableParameters)
    #expect(Golden.differences(wrong, golden: right).count == 1)
    let variants = [ExtremeInception.self, StrideOnTheWrongConvolution.self] as [any Block.Type]
    let outputs = try variants.map { type in
      try BlockCase(type) { $0.stride = 2 }.step(.integers, gradient: .integers).fast()
    }
    #expect(outputs[1].logits.count == outputs[0].logits.count)
    #expect(outputs[1].differences(from: outputs[0], tolerance: nil, losses: false) != [])
  }

  // MARK: Repeated initialisation

  @Test func repeatedInitialisationIsFound() throws {
    var graph = GraphBuilder("test", input: Self.input)
    var trunk = graph.input
    for index in 1...3 { trunk = graph.conv2D(trunk, "conv\(index)", filters: 4, kernel: 3) }
    let memory = try ParameterMemory(graph.finish(trunk))
    memory.initialize(seed: 1, kernels: .glorotUniform)
    #expect(InitializationCheck.repeated(memory) == [])
    let first = try #require(memory["conv1/kernel"])
    try memory.set("conv3/kernel", to: first)
    #expect(
      InitializationCheck.repeated(memory)
        == ["conv1/kernel and conv3/kernel share 144 of 144 numbers"])
  }

  // MARK: Dropout

  @Test func thrownAwayDropoutIsFound() throws {
    let findings = try DropoutCheck.findings(rate: 0.5) { x, graph in
      graph.append(ThrownAwayDropout(), "dropout", [x])
    }
    #expect(findings.contains("0.0 are dropped at a rate of 0.5"))
    #expect(findings.contains("every step drops the same"))
  }

  @Test func dropoutAtAnotherRateIsFound() throws {
    let findings = try DropoutCheck.findings(rate: 0.5) { x, graph in
      graph.dropout(x, "dropout", rate: 0.45)
    }
    #expect(findings.count >= 2)
  }

  // MARK: Batch norm

  private static func normStep(epsilon: Float) throws -> Step {
    var graph = GraphBuilder("test", input: input, batchNormEpsilon: epsilon)
    let normalized = graph.batchNorm(graph.input, "bn")
    let logits = graph.append(Flatten(), "flatten", [normalized])
    return Step(try graph.finish(logits), numbers: .real)
  }

  /// Keras' 1e-3 against the 1e-5 of others: the difference is 5e-4, far above rounding.
  @Test func epsilonDriftIsFound() throws {
    var (right, wrong) = (try Self.normStep(epsilon: 1e-3), try Self.normStep(epsilon: 1e-5))
    for isTraining in [true, false] {
      (right.isTraining, wrong.isTraining) = (isTraining, isTraining)
      let expected = right.reference(Double.self)
      #expect(try right.fast().differences(from: expected, tolerance: 1e-5) == [])
      #expect(try wrong.fast().differences(from: expected, tolerance: 1e-5) != [])
    }
  }

  @Test func aVarianceReadAsDeviationIsFound() throws {
    var right = try Self.normStep(epsilon: 1e-3)
    right.isTraining = false
    var graph = GraphBuilder("test", input: Self.input)
    let normalized = graph.append(DeviationReadAsVariance(), "bn", [graph.input])
    let logits = graph.append(Flatten(), "flatten", [normalized])
    var wrong = Step(try graph.finish(logits), numbers: .real)
    wrong.isTraining = false
    #expect(wrong.parameters == right.parameters)
    #expect(wrong.graph.cost == right.graph.cost)
    let expected = right.reference(Double.self)
    #expect(try wrong.fast().differences(from: expected, tolerance: 1e-5) != [])
  }

  // MARK: Swapped channels

  @Test func swappedInputChannelsAreFound() throws {
    let graph = try observedGraph(Self.input, gradient: .integers) { x, graph in
      graph.conv2D(x, "conv", filters: 5, kernel: 3)
    }
    let right = Step(graph, numbers: .integers)
    var wrong = right
    wrong.images = right.images.indices.map { right.images[$0 % 4 < 2 ? $0 ^ 1 : $0] }
    #expect(wrong.images.sorted() == right.images.sorted())
    let expected = right.reference(Double.self)
    #expect(try wrong.fast().differences(from: expected, tolerance: nil, losses: false) != [])
  }
}
