// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Settings
import Testing

@Suite("zoo and describe")
struct DescribeTests {
  @Test(
    "the nine trainable counts of stack at width 64 are exact",
    arguments: [
      (#""kind": "regular-conv""#, 2_777_674),
      (#""kind": "segmented-inception", "segments": 1"#, 3_449_418),
      (#""kind": "segmented-inception", "segments": 2"#, 1_901_130),
      (#""kind": "segmented-inception", "segments": 4"#, 1_126_986),
      (#""kind": "segmented-inception", "segments": 8"#, 739_914),
      (#""kind": "segmented-inception", "segments": 16"#, 546_378),
      (#""kind": "segmented-inception", "segments": 32"#, 449_610),
      (#""kind": "extreme-inception""#, 368_970),
      (#""kind": "separable-conv""#, 367_242),
    ])
  func nineCounts(block: String, count: Int) throws {
    let network = #"{"network": "stack", "width": 64, "block": {\#(block), "between": "none"}}"#
    let json = try Tool.json("describe", network)
    #expect(json["parameters.trainable"] == .integer(count))
    let text = try Tool.output("describe", network)
    let digits = text.split(separator: "\n").filter { $0.hasPrefix("trainable parameters") }
    #expect(digits.map { $0.filter(\.isNumber) } == ["\(count)"])
  }

  @Test("the JSON has the documented keys, and its layers add up to its totals")
  func jsonAddsUp() throws {
    let json = try Tool.json(
      "describe", "probe", "--input", "16x12x8", "--classes", "5")
    guard case .object(let fields) = json else {
      Issue.record("no object")
      return
    }
    #expect(
      Set(fields.keys) == [
        "name", "input", "classes", "parameters", "multiplyAdds", "activations", "training",
        "inference",
        "layers",
      ])
    #expect(json["name"] == "probe")
    #expect(json["input"] == [16, 12, 8])
    #expect(json["classes"] == 5)
    guard case .array(let layers)? = json["layers"] else {
      Issue.record("no layers")
      return
    }
    #expect(layers.count >= 7)
    func sum(_ key: String) -> Int { layers.compactMap { $0[key]?.integerValue }.reduce(0, +) }
    let trainable = try #require(json["parameters.trainable"]?.integerValue)
    let fixed = try #require(json["parameters.nonTrainable"]?.integerValue)
    #expect(json["parameters.total"] == .integer(trainable + fixed))
    #expect(sum("parameters") == trainable + fixed)
    #expect(json["multiplyAdds"] == .integer(sum("multiplyAdds")))
    for layer in layers {
      guard case .object(let keys) = layer else { continue }
      #expect(Set(keys.keys) == ["name", "kind", "output", "parameters", "multiplyAdds"])
    }
    // stem 8·32, depthwise 9·32, pointwise 32·32, batch norm 2·32, dense 32·5 + 5.
    #expect(trainable == 256 + 288 + 1024 + 64 + 165)
    #expect(sum("multiplyAdds") == 16 * 12 * (256 + 288 + 1024) + 160)
    // Stem, depthwise and pointwise write 32 channels each.
    #expect(json["activations"] == .integer(16 * 12 * 3 * 32))
    #expect(json["training.batch"] == 32)
  }

  @Test("a published network is described at its published size, and nothing is allocated")
  func publishedSizes() throws {
    let json = try Tool.json("describe", "xception", "--batch", "8")
    #expect(json["input"] == [299, 299, 3])
    #expect(json["classes"] == 1000)
    #expect(json["parameters.trainable"] == 22_855_952)
    // As other tools count the outputs of convolutions: 35.8 and 9.0 million.
    #expect(json["activations"] == 35_824_968)
    #expect(try Tool.json("describe", "inception-v3")["activations"] == 8_967_488)
    let eight = try #require(json["training.memoryBytes"]?.integerValue)
    #expect(try #require(json["inference.memoryBytes"]?.integerValue) < eight)
    let sixteen = try Tool.json("describe", "xception", "--batch", "16")
    let more = try #require(sixteen["training.memoryBytes"]?.integerValue)
    // Weights, gradients and momentum do not grow with the batch.
    #expect(more > eight && more < 2 * eight - 2 * 4 * 22_855_952)
    let huge = try Tool.json("describe", "vgg16", "--batch", "14000")
    #expect(huge["training.memoryBytes"]?.integerValue ?? 0 > 1 << 39)
  }

  @Test("a name, a file with comments and inline JSON describe the same network")
  func threeNames() throws {
    let folder = try ScratchFolder()
    let file = try folder.write(
      "// The smallest instrument.\n{network: 'probe', width: 32,}", to: "probe.json")
    let named = try Tool.output("describe", "probe")
    #expect(try Tool.output("describe", file) == named)
    #expect(try Tool.output("describe", #" {"network": "probe"}"#) == named)
    #expect(try Tool.output("describe", #"{"network": "probe", "width": 31}"#) != named)
  }

  @Test("every format has all layers")
  func formatsHaveAllLayers() throws {
    let json = try Tool.json("describe", "stack")
    guard case .array(let layers)? = json["layers"] else {
      Issue.record("no layers")
      return
    }
    let csv = try Tool.output("describe", "stack", "--format", "csv").split(separator: "\n")
    #expect(csv.count == layers.count + 2)
    #expect(csv.last == "total,,,367242,4480,95750656,1523712")
    let markdown = try Tool.output("describe", "stack", "--format=markdown")
      .split(separator: "\n")
    let rows = markdown.filter { $0.hasPrefix("|") }
    #expect(rows.count == layers.count + 3)
    #expect(Set(rows.map(\.count)).count == 1, "the columns stand under each other")
    #expect(markdown.contains { $0.contains("371,722 parameters in all") })
    let latex = try Tool.output("describe", "stack", "--format", "latex")
    let body = latex.components(separatedBy: "\\endlastfoot\n").last ?? ""
    #expect(body.components(separatedBy: " \\\\\n").count - 1 == layers.count + 1)
    #expect(latex.contains("\\toprule") && latex.contains("32$\\times$32$\\times$64"))
    #expect(latex.contains("\\caption{The layers of stack, 32$\\times$32$\\times$3, 10 classes.}"))
    let dot = try Tool.output("describe", "stack", "--format", "dot").split(separator: "\n")
    #expect(dot.count { $0.contains(" [label=") && !$0.contains("->") } == layers.count)
    #expect(dot.count { $0.contains(" -> ") } > layers.count - 1, "residuals add edges")
  }

  @Test("zoo lists every block with figure or section, and every network")
  func zooLists() throws {
    let json = try Tool.json("zoo")
    guard case .array(let blocks)? = json["blocks"], case .array(let networks)? = json["networks"]
    else {
      Issue.record("no lists")
      return
    }
    #expect(blocks.compactMap { $0["key"] } == BlockZoo.all.map { .string($0.key) })
    #expect(networks.compactMap { $0["key"] } == NetworkZoo.all.map { .string($0.key) })
    #expect(blocks.compactMap { $0["source"] } == BlockZoo.all.map { .string("\($0.source)") })
    let text = try Tool.output("zoo")
    for block in BlockZoo.all {
      #expect(text.contains(block.key) && text.contains("\(block.source)"))
    }
    for place in ["Fig. 1", "Fig. 2", "Fig. 3", "Fig. 4", "Fig. 5", "section 3"] {
      #expect(text.contains(place))
    }
  }
}
