// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Pictures
import Records
import Settings
import Testing
import Weights

/// What a run file knows need not be said again: network, size, classes, names, preprocessing.
@Suite("Networks that their files know")
struct KnownNetworkTests {
  private static let network: JSON = [
    "network": "probe", "width": 4,
    "block": ["kind": "segmented-inception", "segments": 2, "between": "silu"],
  ]
  private static let preprocessing: JSON = [
    "size": 6, "resize": "shorter-side", "shorterSide": 6, "filter": "bilinear",
    "scaling": "standardized", "mean": [0.5, 0.4, 0.3], "deviation": [0.25, 0.2, 0.125],
  ]
  private let folder: ScratchFolder

  /// `run.h5`, as of a network trained on CIFAR; `made.h5`, as of one trained on no pictures.
  init() throws {
    folder = try ScratchFolder()
    let network = try NetworkDescription(Self.network, source: "test")
    let graph = try network.graph(input: Shape(height: 6, width: 6, channels: 3), classes: 3)
    let memory = try ParameterMemory(graph)
    memory.initialize(seed: 1, kernels: .heNormal)
    for (name, kind) in [("run", "cifar-10"), ("made", "coupling")] {
      let configuration: JSON = ["network": network.settings, "data": ["kind": .string(kind)]]
      var record = RunRecord(
        id: "1", experiment: "e", configuration: configuration.canonicalText, labels: [], seed: 0,
        status: .finished,
        cost: RunRecord.Cost(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
        provenance: RunRecord.Provenance(
          commit: "", version: "", processor: "", blasKernels: "", threads: 1, started: "",
          seconds: 0))
      record.classNames = ["cat", "dog", "emu"]
      record.images = RunRecord.Images(
        height: 6, width: 6, channels: 3,
        preprocessing: kind == "coupling" ? nil : Self.preprocessing.canonicalText)
      record.weights = graph.parameters.indices.map { position in
        let parameter = graph.parameters[position]
        return NamedTensor(
          path: parameter.path, shape: parameter.shape, values: memory.value(position).array)
      }
      try record.write(to: folder.url.appending(path: "\(name).h5").path)
    }
    let pixels = (0..<6 * 6 * 3).map { UInt8($0 * 37 % 256) }
    for name in ["a.png", "b.png"] {
      try Picture(height: 6, width: 6, pixels: pixels)
        .write(png: folder.url.appending(path: name).path)
    }
  }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(words + ["--quiet"], in: folder.url)
  }

  private func output(_ words: String...) throws -> String {
    let outcome = try Tool.run(words + ["--quiet"], in: folder.url)
    try #require(outcome.exitCode == 0, "\(words): \(outcome.messages)")
    return outcome.output
  }

  @Test func predictionNeedsNothingButTheRun() throws {
    let csv = ["--format", "csv", "--top", "3"]
    let bare = try Tool.run(
      ["predict", "--weights", "run.h5", "--input", "a.png", "b.png"] + csv, in: folder.url)
    try #require(bare.exitCode == 0, "\(bare.messages)")
    #expect(bare.output.split(separator: "\n").count == 1 + 6)
    #expect(bare.output.contains("b.png,1,") && bare.output.contains(",emu,"))
    let said = try Tool.run(
      [
        "predict", Self.network.canonicalText, "--weights", "run.h5", "--classes", "3", "--input",
        "a.png", "b.png", "--preprocessing", Self.preprocessing.canonicalText,
      ] + csv, in: folder.url)
    #expect(said.output == bare.output, "\(said.messages)")
    // A name alone says nothing of options; what goes on in our own form knows as much.
    for words in [
      ["predict", "probe", "--weights", "run.h5"], ["predict", "--weights", "own.h5"],
    ] {
      if words.contains("own.h5") { _ = try output("weights", "convert", "run.h5", "own.h5") }
      let other = try Tool.run(words + ["--input", "a.png", "b.png"] + csv, in: folder.url)
      #expect(other.output == bare.output, "\(words): \(other.messages)")
    }
  }

  @Test func whatContradictsTheFileIsRefused() throws {
    let other = Self.network.setting("block.between", to: "relu").canonicalText
    for words in [
      ["predict", other, "--weights", "run.h5", "--input", "a.png"],
      ["evaluate", other, "--weights", "run.h5", "--input", "."],
      ["weights", "convert", "run.h5", "out.h5", "--network", other],
      ["weights", "export", "run.h5", "--output", "out.safetensors", "--network", other],
    ] {
      let outcome = try Tool.run(words, in: folder.url)
      #expect(outcome.exitCode == 2, "\(words): \(outcome.messages)")
      #expect(outcome.messages.contains(#""between":"relu""#), "\(outcome.messages)")
      #expect(outcome.messages.contains("as run.h5 says"), "\(outcome.messages)")
    }
    let stack = try run("predict", "stack", "--weights", "run.h5", "--input", "a.png")
    #expect(stack.messages.contains(#"network is "stack"; it must be "probe""#))
    let misspelt = try run("predict", "prob", "--weights", "run.h5", "--input", "a.png")
    #expect(misspelt.messages.contains(#"did you mean "probe""#), "\(misspelt.messages)")
  }

  @Test func whatWasTrainedOnNoPicturesSaysSo() throws {
    _ = try output("weights", "convert", "made.h5", "own.h5")
    for file in ["made.h5", "own.h5"] {
      let outcome = try run("predict", "--weights", file, "--input", "a.png")
      #expect(outcome.exitCode == 2)
      #expect(outcome.messages.contains("\(file) was trained on coupling"), "\(outcome.messages)")
    }
    let file = try run("predict", "--weights", "tiny.h5", "--input", "a.png")
    #expect(file.exitCode == 2)
    let unknown = WeightFiles.fixtures.appending(path: "tiny.keras3.weights.h5").path
    let missing = try run("predict", "--weights", unknown, "--input", "a.png")
    #expect(missing.exitCode == 2)
    #expect(missing.messages.contains("NETWORK is missing; "), "\(missing.messages)")
  }

  @Test func everyFormIsWrittenFromTheRunAlone() throws {
    for name in ["a.h5", "b.weights.h5", "c_kernels.h5", "d.keras"] {
      let said = try output("weights", "convert", "run.h5", name)
      #expect(said.hasPrefix("\(name): ") && said.contains(" of probe from continuum-run to "))
      #expect(try output("weights", "diff", "run.h5", name).hasSuffix("arrays, all equal\n"))
    }
    let safe = try output(
      "weights", "export", "run.h5", "--to", "safetensors", "--output", "e.safetensors")
    #expect(safe.contains("from continuum-run to safetensors"))
    let bytes = try Data(contentsOf: folder.url.appending(path: "e.safetensors"))
    for words in [#""classNames":"[\"cat\",\"dog\",\"emu\"]""#, #"\"scaling\":\"standardized\""#] {
      #expect(bytes.range(of: Data(words.utf8)) != nil, "\(words)")
    }
    let onnx = try run("weights", "export", "run.h5", "--to", "onnx", "--output", "f.onnx")
    guard onnx.exitCode == 0 else {
      // Where the build has no ONNX, it says what it needs; `.ci/run` has it.
      #expect(onnx.exitCode == 1 && onnx.messages.contains("libonnx-dev"), "\(onnx.messages)")
      #expect(ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] != "1")
      return
    }
    let file = try Data(contentsOf: folder.url.appending(path: "f.onnx"))
    #expect(file.range(of: Data(#"["cat","dog","emu"]"#.utf8)) != nil)
  }

  @Test func eachFormHasOneCommand() throws {
    for (words, rule) in [
      (["convert", "run.h5", "a.onnx"], "onnx is written by `continuum weights export FILE"),
      (
        ["export", "run.h5", "--to", "keras-v3", "--output", "a"],
        "keras-v3 is written by `continuum weights convert FILE OUT --to keras-v3`"
      ),
      (["export", "run.h5", "--output", "a.txt"], "must end in .onnx, .safetensors, or --to"),
      (["export", "run.h5", "--to", "onnx"], "--output is missing"),
      (["export", "run.h5", "b.h5", "--output", "a.onnx"], "2 files instead of one"),
      (["export", "run.h5", "--to", "onx", "--output", "a"], "did you mean \"onnx\""),
      (["inspect", "run.h5", "--output", "a"], "--output means nothing to `weights inspect`"),
      (
        ["export", "run.h5", "--output", "run.h5", "--to", "safetensors", "--overwrite"],
        "run.h5 is what the command reads"
      ),
    ] {
      let outcome = try Tool.run(["weights"] + words, in: folder.url)
      #expect(outcome.exitCode == 2 && outcome.messageLines.count == 1, "\(words)")
      #expect(outcome.messages.contains(rule), "\(words): \(outcome.messages)")
    }
  }
}
