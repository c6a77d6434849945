// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// The JSON Schema of experiment files takes what the tool takes and refuses what it refuses. Where
/// `make testdeps` has not installed jsonschema, what needs it is skipped; `.ci/run` skips none.
@Suite struct SchemaTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let skipsNothing =
    ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
  private static let python = ["python3", "/usr/bin/python3"].first { python in
    (try? Tool.shell("\(python) -c 'import jsonschema.validators as v; v.Draft202012Validator'"))?
      .exitCode == 0
  }
  private static let hasValidator = skipsNothing || python != nil

  private static let data = #""data": {"kind": "coupling", "train": 64, "test": 32}"#
  private static let network = #""network": {"network": "probe", "width": 8}"#
  private static let training = #""training": {"epochs": 1, "batch": 32}"#

  private static func file(
    _ rest: String = "", data: String = data, network: String = network,
    training: String = training
  ) -> String {
    "{\(data), \(network), \(training)\(rest.isEmpty ? "" : ", ")\(rest)}"
  }

  private static func probe(_ rest: String) -> String {
    file(network: #""network": {"network": "probe", \#(rest)}"#)
  }

  private static func trained(_ text: String) -> String {
    file(training: #""training": {\#(text)}"#)
  }

  private static func on(_ text: String) -> String { file(data: #""data": {\#(text)}"#) }

  static let right = [
    file(), file(#""$schema": "../schema.json", "question": "?", "version": 1, "seeds": 2"#),
    file(#""seeds": [3, 4]"#), file(network: #""network": "probe""#),
    file(
      network: """
        "network": {"network": "stack", "stages": 1,
          "block": {"kind": "xception-block", "repetitions": 1}}
        """),
    probe(#""block": {"kind": "regular-conv", "between": "none"}"#),
    file(#""budget": {"target": 900}"#, network: #""network": "probe""#),
    file(#""budget": {"target": "probe", "hold": "segments"}"#, network: #""network": "probe""#),
    trained(#""batch": 32, "optimizer": {"kind": "rmsprop", "rho": 0.8}, "averaging": null"#),
    trained(#""batch": 32, "schedule": {"kind": "exponential", "factor": 0.9}"#),
    file(#""vary": {"network.width": [4, 8], "training.optimizer.learningRate": [0.1]}"#),
    file(
      """
      "vary": [{"name": "a", "network.width": 4},
        {"network.block": {"kind": "regular-conv"}, "vary": {"data.lambda": [0, 1]}}]
      """),
    file(
      """
      "vary": {"arms": [{"network.width": 4}, {"network.width": 6}], "data.lambda": [0, 1]},
      "exclude": [{"network.width": 4, "data.lambda": 1}]
      """),
    file(
      #""vary": {"network.block.kind": ["regular-conv"]}"#,
      network: #""network": {"network": "probe", "block": {"kernel": 5}}"#),
    file(#""vary": null, "exclude": null"#),
    file(
      #""budget": {"within": 0.5}, "vary": {"budget.target": [900, "probe"]}"#,
      network: #""network": "probe""#),
  ]

  static let wrong = [
    "{}", "[]", file(#""seed": 1"#), file(#""version": 2"#), file(#""seeds": 0"#),
    file(#""seeds": "many""#), file(#""question": 3"#), on(#""kind": "couplin""#),
    on(#""lambda": 2"#), on(#""lamda": 1"#),
    on(#""trainLimit": 5"#), on(#""kind": "image-folder""#),
    on(#""kind": "mnist", "lambda": 1"#),
    on(#""kind": "cifar-10", "augmentation": {"crop": 17}"#),
    file(network: #""network": {}"#), file(network: #""network": "prob""#),
    probe(#""stages": 2"#),
    probe(#""width": 0"#),
    probe(#""width": 2.5"#),
    probe(#""block": {}"#),
    probe(#""block": {"kind": "regular-conv", "segments": 2}"#),
    probe(#""block": {"kind": "regular-conv", "between": "relu"}"#),
    probe(#""block": {"kind": "separable-conv", "kernel": 32}"#),
    file(training: #""training": 3"#), trained(#""epoch": 1"#),
    trained(#""optimizer": {"kind": "adamw", "momentum": 0.9}"#),
    trained(#""optimizer": {"beta1": 0.9}"#),
    trained(#""schedule": {"kind": "constant", "factor": 0.9}"#),
    trained(#""weightDecayOn": "everything""#),
    file(#""budget": {}"#), file(#""budget": {"target": 0}"#),
    file(#""budget": {"target": "prob"}"#),
    file(#""budget": {"target": 9, "hold": "segment"}"#), file(#""vary": 3"#),
    file(#""vary": {"network.widht": [8]}"#), file(#""vary": {"network.width": []}"#),
    file(#""vary": {"network.width": 8}"#), file(#""vary": {"network.width": [0]}"#),
    file(#""vary": {"budget.target": [0]}"#, network: #""network": "probe""#),
    file(#""vary": {"seed": [1]}"#), file(#""vary": []"#), file(#""vary": [{"nam": "a"}]"#),
    file(#""vary": [{"name": ""}]"#), file(#""vary": {"arms": {}}"#),
    file(#""vary": [{"vary": {"network.width": 4}}]"#), file(#""exclude": [{}]"#),
    file(#""exclude": [{"netwrk.width": 4}]"#), file(#""transfer": {"freeze": "base"}"#),
  ]

  /// Whether the schema takes each of the documents.
  private static func verdicts(_ documents: [JSON]) throws -> [Bool] {
    let folder = try ScratchFolder()
    let schema = try folder.write(try Tool.output("schema"), to: "schema.json")
    let list = try folder.write(JSON.array(documents).canonicalText, to: "documents.json")
    let script = """
      import json, sys
      from jsonschema import Draft202012Validator as V
      schema = json.load(open(sys.argv[1]))
      V.check_schema(schema)
      print(json.dumps([V(schema).is_valid(d) for d in json.load(open(sys.argv[2]))]))
      """
    let program = try folder.write(script, to: "validate.py")
    let outcome = try Tool.shell("\(python ?? "python3") '\(program)' '\(schema)' '\(list)'")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    guard case .array(let verdicts) = try JSON(text: outcome.output, source: "verdicts") else {
      return []
    }
    return verdicts.map { $0 == true }
  }

  @Test(.enabled(if: hasValidator, "no jsonschema here; make testdeps installs it"))
  func theSchemaTakesWhatTheToolTakes() throws {
    let texts = Self.right + Self.wrong
    let verdicts = try Self.verdicts(texts.map { try JSON(text: $0, source: "test") })
    try #require(verdicts.count == texts.count)
    let folder = try ScratchFolder()
    for (index, text) in texts.enumerated() {
      let path = try folder.write(text, to: "file.json")
      let outcome = try Tool.run(["run", path, "--dry-run", "--resolved"])
      let isRight = index < Self.right.count
      #expect(outcome.exitCode == (isRight ? 0 : 2), "\(text): \(outcome.messages)")
      #expect(verdicts[index] == isRight, "\(text)")
    }
  }

  @Test(.enabled(if: hasValidator, "no jsonschema here; make testdeps installs it"))
  func ourExperimentsFitTheSchema() throws {
    let folder = Self.root.appending(path: "Experiments")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }.sorted()
    try #require(names.count >= 2)
    let documents = try names.map { try JSON(file: folder.appending(path: $0).path) }
    for (name, isValid) in zip(names, try Self.verdicts(documents)) { #expect(isValid, "\(name)") }
  }

  @Test func theReferenceIsCurrent() throws {
    let path = Self.root.appending(path: "Experiments/REFERENCE.md").path
    let written = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      try Tool.output("schema", "--format", "markdown") == written,
      "write it again: continuum schema --format markdown > Experiments/REFERENCE.md")
  }
}
