// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Settings
import Testing

/// The key `reference` of an experiment file.
@Suite struct ReferenceTests {
  private static let vary = """
    vary={"network.block": [{"kind": "regular-conv"}, {"kind": "segmented-inception", "segments": 2},
      {"kind": "separable-conv"}], "data.lambda": [0, 1]}
    """
  private static let arms = """
    vary=[{"name": "plain", "network.block": {"kind": "regular-conv"}},
      {"name": "apart", "network.block": {"kind": "separable-conv"}}]
    """

  @Test func itIsNoPartOfARunsIdentity() throws {
    let plain = try ExperimentText.experiment(overrides: [Self.vary]).runs()
    let compared = try ExperimentText.experiment(
      overrides: [Self.vary, "reference=regular-conv"]
    ).runs()
    #expect(plain.count == 6)
    #expect(plain.map(\.id) == compared.map(\.id))
    #expect(plain.map(\.configuration) == compared.map(\.configuration))
  }

  @Test(arguments: ["regular-conv", "segments=2", "segmented-inception,segments=2"])
  func itStandsInTheRecord(reference: String) throws {
    let experiment = try ExperimentText.experiment(
      overrides: [Self.vary, "reference=\(reference)"])
    let (record, id) = experiment.record(of: try experiment.runs(), asked: Date())
    #expect(record.reference == reference)
    let other = try ExperimentText.experiment(overrides: [Self.vary])
    let (without, otherId) = other.record(of: try other.runs(), asked: Date())
    #expect(without.reference == nil && otherId != id)
  }

  @Test func namesOfArmsAreReferences() throws {
    #expect(
      try ExperimentText.experiment(overrides: [Self.arms, "reference=plain"]).runs().count == 2)
    #expect(
      try ExperimentText.message(overrides: [Self.arms, "reference=plian"]).contains(
        "reference is \"plian\"; it must name one arm of every setting that is left: no run has the "
          + "block or the name \"plian\""))
  }

  @Test(arguments: [
    ("regular-con", "did you mean \"regular-conv\"?"),
    ("segments=3", "no row is \"segments=3\""),
    ("network.block.kernel=3", "every row is"),
    ("network=probe", "every row is \"network=probe\""),
    ("regular-conv,lambda=1", "no error"), ("regular-conv,lambda=0.5", "no row is"),
    ("lamda=0", "no run has the setting \"lamda\" (did you mean \"lambda\"?)"),
  ])
  func whatNamesNoArmIsRefused(reference: String, says: String) throws {
    let message = try ExperimentText.message(overrides: [Self.vary, "reference=\(reference)"])
    #expect(message.contains(says), "\(message)")
  }

  @Test func severalRowsOfASettingAreRefused() throws {
    let vary = """
      vary={"network.block": [{"kind": "regular-conv"}, {"kind": "segmented-inception", "segments": 2},
        {"kind": "segmented-inception", "segments": 3}]}
      """
    let message = try ExperimentText.message(
      overrides: [vary, "reference=segmented-inception"])
    #expect(message.contains("means several rows: segmented-inception,segments=2; "), "\(message)")
  }

  /// A setting that the reference does not have leaves its rows alone.
  @Test func everyRowNeedsAReference() throws {
    let vary = """
      vary=[{"network.block": {"kind": "regular-conv"}, "data.lambda": 0},
        {"network.block": {"kind": "separable-conv"}, "vary": {"data.lambda": [0, 1]}}]
      """
    let message = try ExperimentText.message(overrides: [vary, "reference=regular-conv"])
    #expect(message.contains("no row that is \"regular-conv\" has the settings"), "\(message)")
  }

  @Test func aSingleArmHasNothingToCompare() throws {
    let message = try ExperimentText.message(overrides: ["reference=separable-conv"])
    #expect(message.contains("so that nothing is compared with it"), "\(message)")
  }
}
