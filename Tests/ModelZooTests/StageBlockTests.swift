// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Testing

/// A block for every stage of `stack`.
@Suite struct StageBlockTests {
  private static let regular: JSON = ["kind": "regular-conv"]
  private static let separable: JSON = ["kind": "separable-conv"]
  private static let mixed: JSON = [
    "network": "stack", "width": 8, "block": separable, "blocks": [regular, .null, .null],
  ]

  private func description(_ json: JSON) throws -> NetworkDescription {
    try NetworkDescription(json, source: "test")
  }

  private func shapes(_ network: JSON, stage: Int) throws -> [String: [Int]] {
    let parameters = try Networks.graph(network).parameters
    return Dictionary(
      uniqueKeysWithValues: parameters.filter { $0.path.hasPrefix("stage\(stage)/") }
        .map { ($0.path, $0.shape) })
  }

  /// Each stage has the parameters that it has in the network of its block alone.
  @Test func everyStageHasItsBlock() throws {
    for (stage, block) in [(1, Self.regular), (2, Self.separable), (3, Self.separable)] {
      let alone: JSON = ["network": "stack", "width": 8, "block": block]
      #expect(try shapes(Self.mixed, stage: stage) == shapes(alone, stage: stage))
    }
    #expect(
      try shapes(Self.mixed, stage: 1)
        != shapes(["network": "stack", "width": 8, "block": Self.separable], stage: 1))
  }

  /// However it is said, one network has one configuration.
  @Test func theSameBlocksAreTheSameSettings() throws {
    let mixed = try description(Self.mixed).settings
    let explicit = try description([
      "network": "stack", "width": 8, "blocks": [Self.regular, Self.separable, Self.separable],
    ]).settings
    let turned = try description([
      "network": "stack", "width": 8, "block": Self.regular,
      "blocks": [.null, Self.separable, Self.separable],
    ]).settings
    #expect(mixed == explicit && mixed == turned)
    let plain = try description(["network": "stack", "width": 8, "block": Self.regular]).settings
    let repeated = try description([
      "network": "stack", "width": 8, "block": Self.regular,
      "blocks": [Self.regular, .null, Self.regular],
    ]).settings
    #expect(plain == repeated && plain["blocks"] == nil)
    // What is written down makes the same network.
    #expect(try description(mixed).settings == mixed)
  }

  @Test(
    arguments: [
      (
        ["blocks": [["kind": "regular-conv"]]], "must have a block or null for each of the 3"
      ),
      (
        ["blocks": [["kind": "regular-cnv"], .null, .null]], "blocks[0].kind is \"regular-cnv\""
      ),
      (["blocks": [["kind": "regular-conv", "segments": 2], .null, .null]], "segments"),
      (["blocks": [3, .null, .null]], "blocks[0] is 3; it must be an object"),
      (["blocks": "separable-conv"], "blocks is \"separable-conv\"; it must be a list"),
      (
        [
          "block": ["kind": "regular-conv"],
          "blocks": [
            ["kind": "separable-conv"], ["kind": "separable-conv"], ["kind": "separable-conv"],
          ],
        ], "it is that of no stage"
      ),
    ] as [(JSON, String)])
  func wrongListsAreNamed(_ options: JSON, _ text: String) throws {
    guard case .object(let fields) = options else { return }
    let network = JSON.object(fields.merging(["network": "stack"]) { $1 })
    var message = ""
    do {
      _ = try Networks.graph(network)
    } catch { message = "\(error)" }
    #expect(message.contains(text), "\(message)")
  }
}
