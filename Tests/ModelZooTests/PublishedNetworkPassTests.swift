// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import ModelZoo
import Settings
import TestSupport
import Testing

/// What the published networks compute, in small.
@Suite struct PublishedNetworkPassTests {
  static let keys = NetworkZoo.all.map { $0.key }.filter { $0 != "stack" && $0 != "probe" }

  /// Narrow, for images of 32×32, with every part of the head.
  static func small(_ network: String, _ options: [String: JSON] = [:]) throws -> Graph {
    var fields: [String: JSON] = [
      "network": .string(network), "small": true, "fullyConnected": [6, 5], "dropout": 0.25,
    ]
    if network == "xception-vgg-style" {
      fields["width"] = 4
    } else {
      fields["widthMultiplier"] = network.hasPrefix("xception") ? 0.011 : 0.05
    }
    let json = JSON.object(fields.merging(options) { $1 })
    return try NetworkDescription(json, source: "test").graph(
      input: Shape(height: 32, width: 40, channels: 3), classes: 7)
  }

  @Test(arguments: keys)
  func inferenceEqualsTheTwins(_ network: String) throws {
    var step = Step(try Self.small(network), numbers: .real)
    step.isTraining = false
    let findings = try step.fast().differences(from: step.reference(Double.self), tolerance: 1e-3)
    #expect(findings == [])
  }

  /// Rounding grows through up to 150 batch norms over few numbers, and may turn a ReLU, so that
  /// gradients are compared as wholes: every tensor's direction and length.
  @Test(arguments: keys)
  func gradientsPointWhereTheTwinsDo(_ network: String) throws {
    let step = Step(try Self.small(network), numbers: .real)
    let (fast, twin) = (try step.fast(), step.reference(Double.self))
    #expect(Set(fast.gradients.keys) == Set(twin.gradients.keys))
    for (path, expected) in twin.gradients {
      let gradient = try #require(fast.gradients[path])
      let error = Self.length(zip(gradient, expected).map { Double($0) - $1 })
      // Redundant biases have none; what rounding leaves of them counts as nothing.
      let isDeep = ["inception-v3", "inception-v3-2016", "resnet152"].contains(network)
      let bound = isDeep ? 0.5 * Self.length(expected) + 0.01 : 1e-3 * Self.length(expected) + 1e-5
      #expect(error <= bound, "\(path): off by \(error)")
    }
  }

  private static func length(_ numbers: [Double]) -> Double {
    numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Biases before a batch norm cannot learn: it takes their share out again.
  @Test(arguments: keys)
  func everyParameterLearns(_ network: String) throws {
    let graph = try Self.small(network)
    let gradients = try Step(graph, numbers: .real).fast().gradients
    #expect(gradients.count == graph.parameters.count { $0.isTrainable })
    let redundant = graph.nodes.filter { $0.op is BatchNormalization }.flatMap { node in
      graph.parameters[graph.nodes[node.inputs[0].index].parameters].filter { $0.role == .bias }
    }.map(\.path)
    #expect(redundant.isEmpty == (network != "resnet152"))
    for (path, gradient) in gradients {
      #expect(gradient.allSatisfy { $0.isFinite }, "\(path)")
      #expect(redundant.contains(path) || gradient.contains { $0 != 0 }, "\(path)")
    }
  }

  @Test(arguments: keys)
  func noTwoKernelsBeginAlike(_ network: String) throws {
    let memory = try ParameterMemory(Self.small(network))
    memory.initialize(seed: 3, kernels: .glorotUniform)
    #expect(InitializationCheck.repeated(memory) == [])
  }

  @Test(arguments: keys)
  func plansHoldAndThreadsGiveTheSameBits(_ network: String) throws {
    let graph = try Self.small(network)
    for mode in [Plan.Mode.training, .inference] {
      #expect(PlanCheck.findings(graph, Plan(graph, mode: mode, batch: 2, threads: 2)) == [])
    }
    let step = Step(graph, numbers: .real)
    let apart = try step.fast(reusesMemory: false)
    for threads in [1, 2] {
      #expect(try step.fast(threads: threads).differences(from: apart, tolerance: nil) == [])
    }
  }

  // MARK: Options

  @Test(arguments: keys)
  func everyOptionChangesTheNetwork(_ network: String) throws {
    var changes: [String: JSON] = [
      "fullyConnected": [6], "dropout": 0.5, "small": false, "batchNormEpsilon": 0.01,
    ]
    changes["widthMultiplier"] = network == "xception-vgg-style" ? 2 : 0.03
    if network.hasPrefix("xception") { changes["between"] = "relu" }
    if ["xception", "xception-continuum", "resnet152"].contains(network) {
      changes["residual"] = false
    }
    if ["xception-vgg-style", "xception-continuum"].contains(network) { changes["width"] = 6 }
    if network == "xception-continuum" { changes["block"] = ["kind": "extreme-inception"] }
    // Without batch norms; and with the head's widths given, the small variant is no other.
    if network == "vgg16" { (changes["batchNormEpsilon"], changes["small"]) = (nil, nil) }
    // The published stem needs more pixels than 32×40.
    if network == "inception-v3" || network == "inception-v3-2016" { changes["small"] = nil }
    var known = [try Self.print(network, [:])]
    for (path, value) in changes.sorted(by: { $0.key < $1.key }) {
      let print = try Self.print(network, [path: value])
      #expect(!known.contains(print), "\(path)")
      known.append(print)
    }
  }

  private static func print(_ network: String, _ options: [String: JSON]) throws -> String {
    let graph = try small(network, options)
    return try "\(graph.layers) \(Step(graph, numbers: .real).fast().logits)"
  }

  /// The middle flow's unit alone tells `xception-continuum` from `xception`.
  @Test func theContinuumWithSeparableConvolutionsIsXception() throws {
    let xception = try PublishedNetworkTests.graph([:], of: "xception")
    let continuum = try PublishedNetworkTests.graph([:], of: "xception-continuum")
    #expect(continuum.cost == xception.cost)
    #expect(continuum.nodes.map(\.output) == xception.nodes.map(\.output))
    #expect(
      continuum.nodes.map { $0.name.replacing("unit", with: "separable") }
        == xception.nodes.map(\.name))
  }

  @Test func imagesThatAreTooSmallAreRefused() throws {
    let network = try NetworkDescription("inception-v3", source: "test")
    let error = #expect(throws: NetworkError.self) {
      try network.graph(input: Shape(height: 74, width: 74, channels: 3), classes: 10)
    }
    #expect(
      error?.description
        == "mixed8/tower1/2/conv: a valid 3×3 window is larger than its input 2×2×192")
  }
}
