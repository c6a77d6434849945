// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@testable import ExperimentRunner

/// Budgets that differ from point to point.
@Suite struct BudgetVariationTests {
  @Test func budgetsVary() throws {
    let overrides = [
      "network.width=null", #"budget={"within": 0.05}"#,
      #"vary={"budget.target": [400, 800],"network.block.kind": ["regular-conv", "separable-conv"]}"#,
    ]
    let plan = try ExperimentText.experiment(overrides: overrides).plan()
    #expect(plan.runs.map { $0.budget?.target } == [400, 400, 800, 800])
    #expect(plan.runs.allSatisfy { abs($0.budget?.mismatch ?? 1) <= 0.05 })
    #expect(Set(plan.runs.map(\.point)).count == 4)
    #expect(plan.runs[0].point.contains("target 400"))
    let experiment = try ExperimentText.experiment(overrides: overrides)
    let resolved = experiment.settings(of: plan.runs[3])
    let target = resolved.first { $0.path == "budget.target" }
    #expect(target?.value == 800 && target?.origin == .setVary)
    #expect(resolved.first { $0.path == "budget.within" }?.origin == .set)
    // What a budget asks for is no part of a run.
    let alone = try ExperimentText.experiment(
      overrides: ["network.width=null", #"budget={"within": 0.05, "target": 800}"#]).plan()
    #expect(plan.runs.map(\.id).contains(alone.runs[0].id))
  }

  /// Two budgets that one network meets: its run is made once, and stands under both.
  @Test func oneRunStandsUnderEveryBudgetThatItMeets() throws {
    let experiment = try ExperimentText.experiment(overrides: [
      "network.width=null", #"budget={"quantity": "parameters"}"#,
      #"vary={"budget.target": [400, 401, 900]}"#,
    ])
    let plan = try experiment.plan()
    #expect(plan.runs.count == 2 && plan.repeatedPoints == 0)
    #expect(Set(plan.runs.map(\.id)).count == 2)
    #expect(plan.runs[0].twins.map { $0.budget?.target } == [401])
    let record = experiment.record(of: plan.runs, asked: .now).record
    #expect(record.points.map { $0.budget?.target } == [400, 401, 900])
    #expect(record.points[0].runs == record.points[1].runs)
  }

  @Test(arguments: [
    (#"vary={"budget.within": [0.1]}"#, "budget.target: is missing"),
    (#"vary={"budget.target": [400], "network.width": [4]}"#, "must not stand beside a budget"),
    (#"vary={"budget.target": [400], "budget.witin": [0.1]}"#, "(did you mean \"within\"?)"),
    (#"vary={"budget": [{"target": 400, "hold": "segment"}]}"#, "budget.hold is \"segment\""),
  ])
  func wrongBudgetsAreNamed(_ override: String, _ text: String) throws {
    let message = try ExperimentText.message(overrides: ["network.width=null", override])
    #expect(message.contains(text), "\(message)")
  }

  /// A point without a budget may be the network that another's budget is met by.
  @Test func aRunWithoutABudgetStandsForItselfToo() throws {
    let probe = #"{"network": "probe", "block": {"kind": "separable-conv"}}"#
    let experiment = try ExperimentText.experiment(overrides: [
      "network.width=null", "vary={\"budget\": [{\"target\": \(probe)}, null]}",
    ])
    let plan = try experiment.plan()
    #expect(plan.runs.count == 1 && plan.runs[0].budget?.mismatch == 0)
    #expect(plan.runs[0].twins.count == 1 && plan.runs[0].twins[0].budget == nil)
    let points = experiment.record(of: plan.runs, asked: .now).record.points
    #expect(points.map { $0.budget == nil } == [false, true])
  }

  /// One arm may say its width where another is solved for.
  @Test func armsWithAndWithoutBudgets() throws {
    let plan = try ExperimentText.experiment(overrides: [
      "network.width=null", #"vary=[{"budget": {"target": 400}}, {"network.width": 5}]"#,
    ]).plan()
    #expect(plan.runs.map { $0.budget?.target } == [400, nil])
    #expect(plan.runs[1].network.settings["width"] == 5)
  }

  @Test func exclusionsSeeBudgets() throws {
    let overrides = [
      "network.width=null",
      #"vary={"budget.target": [400, 900], "network.block.kind": ["regular-conv", "separable-conv"]}"#,
      #"exclude=[{"budget.target": 900, "network.block.kind": "regular-conv"}]"#,
    ]
    let plan = try ExperimentText.experiment(overrides: overrides).plan()
    #expect(plan.excludedPoints == 1)
    #expect(plan.runs.map { $0.budget?.target } == [400, 400, 900])
  }

  /// Points that share a run are told of, each by its own budget.
  @Test func everyBudgetThatIsMissedIsTold() throws {
    let plan = try ExperimentText.experiment(overrides: [
      "network.width=null", #"vary={"budget.target": [5, 6]}"#,
    ]).plan()
    #expect(plan.runs.count == 1 && plan.runs[0].twins.count == 1)
    let note = plan.notes.joined()
    #expect(note.hasPrefix("2 points miss the budget"), "\(note)")
    #expect(note.contains("target 5") && note.contains("target 6"), "\(note)")
  }

  /// What the command line sets beside a budget that varies is its own fault.
  @Test func aWidthBesideABudgetThatVariesIsNamed() throws {
    let message = try ExperimentText.message(overrides: [
      #"vary={"budget.target": [400, 900]}"#, "network.width=8",
    ])
    #expect(message.hasPrefix("--set: network.width is 8; it must not stand beside"), "\(message)")
  }
}
