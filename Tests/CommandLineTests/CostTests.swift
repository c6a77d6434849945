// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Settings
import Testing

@Suite("describe of several networks, and zoo --costs")
struct CostTests {
  private static let inline =
    #"{"network": "stack", "width": 32, "block": {"kind": "segmented-inception", "segments": 4}}"#

  @Test("a row has the numbers that the network's own description has")
  func theSameNumbers() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("{network: 'probe', width: 48}", to: "wide-probe.json")
    let names = ["xception", Self.inline, file]
    let several = try Tool.json(["describe"] + names + ["--batch", "8"])
    guard case .array(let rows)? = several["networks"] else {
      Issue.record("no list")
      return
    }
    try #require(rows.count == names.count)
    for (row, name) in zip(rows, names) {
      let single = try Tool.json("describe", name, "--batch", "8")
      for key in [
        "input", "classes", "parameters", "multiplyAdds", "activations", "training",
        "inference",
      ] {
        #expect(row[key] != nil && row[key] == single[key], "\(name): \(key)")
      }
      guard case .array(let layers)? = single["layers"] else {
        Issue.record("no layers")
        return
      }
      #expect(row["layerCount"] == .integer(layers.count))
    }
    #expect(
      rows.map { $0["name"] } == [
        "xception", "stack, kind segmented-inception, segments 4, width 32", "wide-probe",
      ])
  }

  @Test("every format has every network; a picture is of one")
  func formats() throws {
    let csv = try Tool.output("describe", "probe", Self.inline, "--format", "csv", "--batch", "4")
    let lines = csv.split(separator: "\n")
    try #require(lines.count == 3)
    #expect(lines[0].hasSuffix(",layerCount,batch,trainingMemoryBytes,inferenceMemoryBytes"))
    let single = try Tool.json("describe", "probe", "--batch", "4")
    let training = try #require(single["training.memoryBytes"]?.integerValue)
    let inference = try #require(single["inference.memoryBytes"]?.integerValue)
    #expect(
      lines[1] == "probe,32×32×3,10,1802,64,1442112,98304,8,4,\(training),\(inference)")
    #expect(lines[2].hasPrefix("\"stack, kind segmented-inception, segments 4, width 32\","))
    for format in ["text", "markdown", "latex"] {
      let text = try Tool.output("describe", "probe", "stack", "--format", format)
      #expect(text.contains("probe") && text.contains("1,802") && text.contains("367,242"))
      #expect(text.contains("a batch of 32"))
    }
    let outcome = try Tool.run(["describe", "probe", "stack", "--format", "dot"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("dot") && outcome.messages.contains("one network"))
  }

  @Test("an option holds for every network, and a wrong one of several is named")
  func optionsAndErrors() throws {
    let json = try Tool.json("describe", "probe", "stack", "--input", "16x16x8", "--classes", "5")
    guard case .array(let rows)? = json["networks"] else {
      Issue.record("no list")
      return
    }
    #expect(rows.map { $0["input"] } == [[16, 16, 8], [16, 16, 8]])
    #expect(rows.map { $0["classes"] } == [5, 5])
    let outcome = try Tool.run(["describe", "probe", "stak"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("\"stak\"") && outcome.messages.contains("\"stack\""))
  }

  @Test("zoo --costs has every network as published and every block")
  func zoo() throws {
    let json = try Tool.json("zoo", "--costs", "--batch", "2")
    guard case .array(let blocks)? = json["blocks"], case .array(let networks)? = json["networks"]
    else {
      Issue.record("no lists")
      return
    }
    #expect(networks.compactMap { $0["name"] } == NetworkZoo.all.map { .string($0.key) })
    #expect(blocks.compactMap { $0["key"] } == BlockZoo.all.map { .string($0.key) })
    let xception = try #require(networks.first { $0["name"] == "xception" })
    #expect(xception["input"] == [299, 299, 3])
    #expect(xception["parameters.trainable"] == 22_855_952)
    #expect(xception["training.batch"] == 2)
    // From 64 to 64 channels on 32×32: 3×3, and depthwise 3×3 with pointwise.
    let regular = try #require(blocks.first { $0["key"] == "regular-conv" })
    #expect(regular["trainableParameters"] == .integer(9 * 64 * 64))
    #expect(regular["multiplyAdds"] == .integer(32 * 32 * 9 * 64 * 64))
    #expect(regular["activations"] == .integer(32 * 32 * 64))
    let separable = try #require(blocks.first { $0["key"] == "separable-conv" })
    #expect(separable["trainableParameters"] == .integer(9 * 64 + 64 * 64))
    #expect(separable["layerCount"] == 2)
    let csv = try Tool.output("zoo", "--costs", "--format", "csv").split(separator: "\n")
    #expect(csv.count == NetworkZoo.all.count + 1)
    for format in ["text", "markdown", "latex"] {
      let text = try Tool.output("zoo", "--costs", "--format", format)
      #expect(text.contains("22,855,952") && text.contains("36,864"))
    }
  }

  @Test("what only --costs has is refused without it")
  func refused() throws {
    for words in [["--batch", "2"], ["--format", "csv"]] {
      let outcome = try Tool.run(["zoo"] + words)
      #expect(outcome.exitCode == 2 && outcome.messages.contains("--costs"))
    }
  }
}
