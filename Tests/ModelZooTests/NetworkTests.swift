// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import TestSupport
import Testing

/// `stack` and `probe`: counts, passes and memory.
@Suite struct NetworkTests {
  @Test(arguments: Networks.spectrum)
  func stackHasThePublishedCounts(_ block: JSON, _ parameters: Int) throws {
    let graph = try Networks.graph(["network": "stack", "width": 64, "block": block])
    #expect(graph.cost.trainableParameters == parameters)
  }

  @Test func networksMatchTheirGoldenCosts() throws {
    var entries: [String: Golden.Entry] = [:]
    for (block, _) in Networks.spectrum {
      for network in ["stack", "probe"] {
        let graph = try Networks.graph(["network": .string(network), "block": block])
        entries["\(network) \(block.canonicalText)"] = Golden.Entry(graph)
      }
    }
    let plain = try Networks.graph(["network": "stack", "residual": false, "dropout": 0.5])
    entries["stack without residuals, with dropout"] = Golden.Entry(plain)
    let differences = try Golden.differences(entries, name: "networks")
    #expect(differences == [])
  }

  @Test(arguments: ["stack", "probe"], Networks.smallBlocks)
  func networksEqualTheTwins(_ network: String, _ block: JSON) throws {
    let options: [String: JSON] = network == "stack" ? ["dropout": 0.25] : [:]
    let graph = try Networks.graph(
      Networks.small(network, block, options), input: Shape(height: 9, width: 8, channels: 3),
      classes: 5)
    var step = Step(graph, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      // Errors grow through a dozen batch norms over few numbers.
      let differences = try step.fast().differences(
        from: step.reference(Double.self), tolerance: 2e-4)
      #expect(differences == [], "training: \(isTraining)")
    }
  }

  @Test(arguments: Networks.smallBlocks)
  func everyParameterOfAStackLearns(_ block: JSON) throws {
    for options in [[:], ["residual": false]] as [[String: JSON]] {
      let graph = try Networks.graph(Networks.small("stack", block, options))
      let gradients = try Step(graph, numbers: .real).fast().gradients
      #expect(gradients.count == graph.parameters.count { $0.isTrainable })
      for (path, gradient) in gradients {
        #expect(gradient.allSatisfy { $0.isFinite }, "\(path)")
        #expect(gradient.contains { $0 != 0 }, "\(path)")
      }
    }
  }

  @Test(arguments: ["stack", "probe"], Networks.smallBlocks)
  func plansHold(_ network: String, _ block: JSON) throws {
    let graph = try Networks.graph(Networks.small(network, block))
    for mode in [Plan.Mode.training, .inference] {
      let plan = Plan(graph, mode: mode, batch: 3, threads: 2)
      #expect(PlanCheck.findings(graph, plan) == [])
      let apart = Plan(graph, mode: mode, batch: 3, threads: 2, reusesMemory: false)
      #expect(plan.arenaCount < apart.arenaCount)
    }
  }

  @Test(arguments: Networks.smallBlocks)
  func reusedMemoryAndThreadsGiveTheSameBits(_ block: JSON) throws {
    let graph = try Networks.graph(
      Networks.small("stack", block, ["dropout": 0.5]),
      input: Shape(height: 13, width: 16, channels: 3))
    let step = Step(graph, batch: 3, numbers: .real)
    let apart = try step.fast(reusesMemory: false)
    for threads in 1...3 {
      let differences = try step.fast(threads: threads).differences(from: apart, tolerance: nil)
      #expect(differences == [], "\(threads) threads")
    }
  }

  /// Runs of a sweep are paired: head and stem begin alike under every block.
  @Test func theHeadBeginsAlikeUnderEveryBlock() throws {
    var heads: [[Float]] = []
    var stems: [[Float]] = []
    for (block, _) in Networks.spectrum {
      let graph = try Networks.graph(["network": "stack", "width": 32, "block": block])
      let memory = try ParameterMemory(graph)
      memory.initialize(seed: 11, kernels: .glorotUniform)
      heads.append(try #require(memory["head/dense/kernel"]))
      stems.append(try #require(memory["stem/conv/kernel"]))
    }
    #expect(heads.count == 9)
    #expect(Set(heads).count == 1)
    #expect(Set(stems).count == 1)
  }

  // MARK: Options

  @Test func everyOptionOfAStackChangesIt() throws {
    let changes: [(String, JSON)] = [
      ("width", 16), ("stages", 2), ("unitsPerStage", 3), ("residual", false), ("dropout", 0.5),
      ("block", ["kind": "regular-conv"]), ("batchNormEpsilon", 0.01), ("stemStride", 2),
    ]
    let plain: JSON = ["network": "stack", "width": 8]
    guard case .object(let all) = try NetworkDescription(plain, source: "test").settings else {
      Issue.record("no settings")
      return
    }
    // The last two are looked at below and elsewhere.
    #expect(Set(all.keys) == Set(changes.map(\.0)).union(["runningDecay", "network"]))
    var known = [try Self.print(plain)]
    for (path, value) in changes {
      let print = try Self.print(plain.setting(path, to: value))
      #expect(!known.contains(print), "\(path)")
      known.append(print)
    }
    let decayed = try Networks.graph(plain.setting("runningDecay", to: 0.5))
    let norm = try #require(decayed.nodes.compactMap { $0.op as? BatchNormalization }.first)
    #expect(norm.runningDecay == 0.5)
    #expect(norm.epsilon == 1e-3)
  }

  /// Costs and logits under weights that depend on paths alone.
  private static func print(_ network: JSON) throws -> String {
    let graph = try Networks.graph(network, input: Shape(height: 8, width: 8, channels: 3))
    return try "\(graph.layers) \(Step(graph, numbers: .real).fast().logits)"
  }

  @Test func epsilonIsOneThousandthEverywhere() throws {
    for block in Networks.smallBlocks {
      let graph = try Networks.graph(Networks.small("stack", block))
      let norms = graph.nodes.compactMap { $0.op as? BatchNormalization }
      #expect(norms.count > 8)
      #expect(norms.allSatisfy { $0.epsilon == 1e-3 && $0.runningDecay == 0.99 })
    }
  }

  @Test func badNetworksNameFieldAndRule() {
    let cases: [(JSON, String)] = [
      (
        ["network": "stak"],
        "must be one of: \(Networks.keys) (did you mean \"stack\"?)"
      ),
      (["network": "stack", "widht": 3], "(did you mean \"width\"?)"),
      (["network": "stack", "width": 0], "test: width is 0; it must lie between 1 and 8192"),
      (
        ["network": "stack", "width": "wide"], "test: width is \"wide\"; it must be a whole number"
      ),
      (
        ["network": "stack", "block": ["kind": "separable"]],
        "test: block.kind is \"separable\"; it must be one of"
      ),
      (
        ["network": "stack", "block": ["kind": "separable-conv", "segment": 4]],
        "test: block.segment: unknown field"
      ),
      (
        ["network": "stack", "block": ["kind": "separable-conv", "between": "tanh"]],
        "test: block.between is \"tanh\"; it must be one of: none, relu, elu, gelu, silu"
      ),
      (["network": "probe", "stages": 3], "test: stages: unknown field"),
      (["width": 3], "must name a network: \(Networks.keys)"),
      (["network": "stack", "dropout": 1], "test: dropout is 1; it must lie between"),
    ]
    for (network, text) in cases {
      let error = #expect(throws: SettingsError.self) {
        try NetworkDescription(network, source: "test")
      }
      let message = error?.description ?? ""
      #expect(message.contains(text), "\(message)")
    }
  }

  @Test func blocksThatDoNotFitSayWhere() throws {
    let network = try NetworkDescription(
      ["network": "stack", "width": 10, "block": ["kind": "segmented-inception", "segments": 4]],
      source: "test")
    let error = #expect(throws: NetworkError.self) {
      try network.graph(input: Networks.images, classes: 10)
    }
    #expect(
      error?.description == "block segmented-inception: segments is 4; "
        + "it must divide the 10 filters (1, 2, 5, 10)")
  }
}
