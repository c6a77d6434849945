// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import ModelZoo
import Settings
import TestSupport
import Testing

/// A frozen base stays as it is, and only the head learns.
@Suite struct FreezingTests {
  private static func graphs(_ network: String) throws -> (whole: Graph, frozen: Graph) {
    let block: JSON = ["kind": "separable-conv", "between": "bn-relu"]
    let whole = try Networks.graph(
      Networks.small(network, block), input: Shape(height: 9, width: 8, channels: 3), classes: 5)
    return (whole, whole.freezingBase())
  }

  @Test(arguments: ["stack", "probe"])
  func onlyTheHeadLearns(_ network: String) throws {
    let (whole, frozen) = try Self.graphs(network)
    let learning = frozen.parameters.filter(\.isTrainable).map(\.path)
    let head = network == "stack" ? "head/dense" : "dense"
    #expect(learning == ["\(head)/kernel", "\(head)/bias"])
    #expect(frozen.cost.trainableParameters < whole.cost.trainableParameters)
    #expect(frozen.cost.totalParameters == whole.cost.totalParameters)
    #expect(frozen.parameters.map(\.path) == whole.parameters.map(\.path))
  }

  @Test(arguments: ["stack", "probe"])
  func statisticsStayAndTheOutputIsThatOfInference(_ network: String) throws {
    let (whole, frozen) = try Self.graphs(network)
    let step = Step(frozen, numbers: .real)
    let trained = try step.fast()
    #expect(trained.differences(from: step.reference(Double.self), tolerance: 1e-4) == [])
    for (path, values) in trained.statistics { #expect(values == step.parameters[path], "\(path)") }
    var inference = Step(whole, numbers: .real)
    inference.isTraining = false
    #expect(try inference.fast().logits == trained.logits)
    #expect(trained.gradients.count == 2)
  }

  @Test func aFrozenBaseTakesLessMemoryToTrain() throws {
    let (whole, frozen) = try Self.graphs("stack")
    let demands = [whole, frozen].map {
      MemoryDemand($0, mode: .training, batch: 8, threads: 1).bytes
    }
    #expect(demands[1] * 2 < demands[0])
    for batch in [1, 3] {
      let plan = Plan(frozen, mode: .training, batch: batch, threads: 2)
      #expect(PlanCheck.findings(frozen, plan) == [])
    }
  }
}
