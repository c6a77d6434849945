// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// The fused plan against the plain one and the twins, on networks wide enough to be fused.
@Suite struct FusionTests {
  @Test(arguments: cases)
  func fusedPlansHold(_ test: Case) throws {
    let graph = try test.graph
    for mode in [Plan.Mode.training, .inference] {
      for reusesMemory in [true, false] {
        let plan = Plan(graph, mode: mode, batch: 3, threads: 2, reusesMemory: reusesMemory)
        #expect(PlanCheck.findings(graph, plan) == [])
        #expect(graph.nodes.indices.count { !plan.isStored($0) } == test.absorbed)
      }
    }
  }

  /// A batch norm takes any offset away: what the plain sum leaves is rounding.
  @Test func biasesBeforeABatchNormHaveNoGradient() throws {
    let test = try #require(Self.cases.first { $0.testDescription == "wide with bias, residual" })
    let step = Step(try test.graph, batch: 3, numbers: .real)
    let (fused, plain) = (try step.fast(), try step.fast(fuses: false))
    #expect(try #require(fused.gradients["first/bias"]).allSatisfy { $0 == 0 })
    let largest = try #require(plain.gradients["first/kernel"]).reduce(0) { max($0, abs($1)) }
    let left = try #require(plain.gradients["first/bias"]).reduce(0) { max($0, abs($1)) }
    #expect(left > 0 && left < 1e-4 * largest)
  }

  /// 1e-5 of the largest number, as for single ops, and a little for the depth.
  @Test(arguments: cases)
  func fusedStepsEqualThePlainOnesAndTheTwins(_ test: Case) throws {
    var step = Step(try test.graph, batch: 3, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let reference = step.reference(Double.self)
      for fuses in [true, false] {
        let differences = try step.fast(threads: 2, fuses: fuses).differences(
          from: reference, tolerance: 2e-5)
        #expect(differences == [], "training: \(isTraining), fused: \(fuses)")
      }
    }
  }

  @Test(arguments: cases)
  func threadsAndMemoryChangeNoBit(_ test: Case) throws {
    var step = Step(try test.graph, batch: 5, numbers: .real)
    for isTraining in [true, false] {
      step.isTraining = isTraining
      let alone = try step.fast()
      for (threads, reusesMemory) in [(2, true), (3, true), (1, false)] {
        let differences = try step.fast(threads: threads, reusesMemory: reusesMemory)
          .differences(from: alone, tolerance: nil)
        #expect(differences == [], "training: \(isTraining), threads: \(threads)")
      }
    }
  }

  @Test func aFusedPlanStoresLess() throws {
    let graph = try Self.cases[0].graph
    let fused = Plan(graph, mode: .training, batch: 64, threads: 1)
    let plain = Plan(graph, mode: .training, batch: 64, threads: 1, fuses: false)
    let labels = fused.buffers.map(\.label)
    #expect(!labels.contains("before/bn output") && !labels.contains("before/relu output"))
    #expect(labels.contains("before/bn moments") && labels.contains("before/bn sums"))
    #expect(fused.arenaCount < plain.arenaCount)
    #expect(graph.nodes.indices.allSatisfy(plain.isStored))
  }
}
