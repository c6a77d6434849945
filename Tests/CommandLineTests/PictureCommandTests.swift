// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Settings
import Testing

/// `train`, `evaluate` and `predict` on pictures: train on a folder, keep the weights, ask again.
@Suite("Pictures on the command line")
struct PictureCommandTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    for part in ["train", "test"] {
      for (label, name) in ["blue", "green", "red"].enumerated() {
        for index in 0..<6 { try write("\(part)/\(name)/\(index).png", label, index) }
      }
    }
  }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  /// One channel is bright.
  private func write(_ name: String, _ label: Int, _ index: Int) throws {
    let parent = (path(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    let pixels = (0..<20 * 24 * 3).map { value in
      UInt8(value % 3 == 2 - label ? 200 : (value * (7 + index)) % 60)
    }
    try Picture(height: 20, width: 24, pixels: pixels).write(png: path(name))
  }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(words, in: folder.url)
  }

  /// Trains a probe on the folder and returns the run file.
  private func trained() throws -> String {
    let outcome = try run(
      "train", #"{"network": "probe", "width": 12}"#, "--dataset", "image-folder", "--set",
      "data.path=.", "--set", "data.preprocessing.size=12", "--set",
      "data.augmentation.area=[0.5,1]",
      "--epochs", "30", "--batch", "6", "--set", "training.optimizer.learningRate=0.02",
      "--results", "results", "--keep-weights", "--quiet")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let runs = try FileManager.default.contentsOfDirectory(atPath: path("results/runs"))
    return "results/runs/" + (try #require(runs.first { $0.hasSuffix(".h5") }))
  }

  @Test func trainedWeightsAreEvaluatedAndAsked() throws {
    let weights = try trained()
    let network = #"{"network": "probe", "width": 12}"#
    let evaluation = try run(
      "evaluate", network, "--weights", weights, "--input", "test", "--format", "json",
      "--quiet")
    try #require(evaluation.exitCode == 0, "\(evaluation.messages)")
    let json = try JSON(text: evaluation.output, source: "output")
    #expect(json["images"] == 18)
    let record = try RunRecord(contentsOf: path(weights))
    let top1 = try #require(json["top1.value"]?.numberValue)
    let loss = try #require(json["loss.value"]?.numberValue)
    #expect(top1 == record.metrics["test/top1"] && top1 > 0.9)
    #expect(abs(loss - (record.metrics["test/loss"] ?? .nan)) < 1e-5)
    #expect(try #require(json["top1.lower"]?.numberValue) < top1)
    let same = try run(
      "evaluate", network, "--weights", weights, "--dataset", "image-folder", "--set", "path=.",
      "--format", "json", "--quiet")
    #expect(same.output == evaluation.output, "\(same.messages)")
    let plain = try run(
      "evaluate", network, "--weights", weights, "--dataset", "image-folder", "--set", "path=.",
      "--plain", "--format", "json", "--quiet")
    let reference = try JSON(text: plain.output, source: "--plain")
    #expect(reference["top1.value"]?.numberValue == top1)
    #expect(abs(loss - (reference["loss.value"]?.numberValue ?? .nan)) < 1e-5)
    try predict(network, weights)
  }

  private func predict(_ network: String, _ weights: String) throws {
    try Data(#"["blue", "green", "red"]"#.utf8).write(to: folder.url.appending(path: "names.json"))
    let outcome = try run(
      "predict", network, "--weights", weights, "--input", "test/red", "test/blue/0.png", "--top",
      "2", "--class-names", "names.json", "--output", "said.h5", "--format", "csv", "--quiet")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 1 + 2 * 7)
    #expect(lines[0] == "image,rank,class,id,name,probability (%)")
    #expect(lines[1].hasPrefix("test/red/0.png,1,2,red,red,"))
    #expect(lines[13].hasPrefix("test/blue/0.png,1,0,blue,blue,"))
    let said = try HDF5File(reading: path("said.h5")).root
    #expect(try said.dataset("logits").shape() == [7, 3])
    let probabilities = try said.dataset("probabilities").floats()
    for image in 0..<7 {
      let sum = probabilities[3 * image..<3 * image + 3].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    let words = ["predict", network, "--weights", weights, "--input", "test/red/0.png"]
    for (output, rule) in [
      ("said.h5", "said.h5 is there already; --overwrite"), (weights, "is there already"),
    ] {
      let refused = try Tool.run(words + ["--output", output], in: folder.url)
      #expect(refused.exitCode == 2 && refused.messages.contains(rule), "\(refused.messages)")
    }
    let own = try Tool.run(words + ["--output", weights, "--overwrite"], in: folder.url)
    #expect(own.exitCode == 2 && own.messages.contains("what the command reads"))
    let replaced = try Tool.run(words + ["--output", "said.h5", "--overwrite"], in: folder.url)
    #expect(replaced.exitCode == 0, "\(replaced.messages)")
    #expect(try HDF5File(reading: path("said.h5")).root.dataset("logits").shape() == [1, 3])
  }

  /// With `--test-time-flip` logits are the means of those of images and of their mirror images.
  private func flipsAreMeans(_ values: [Float], _ weights: String) throws {
    let mirrored = values.indices.map { index in
      let (row, place) = index.quotientAndRemainder(dividingBy: 16 * 8)
      let (column, channel) = place.quotientAndRemainder(dividingBy: 8)
      return values[row * 16 * 8 + (15 - column) * 8 + channel]
    }
    try HDF5File.write(to: path("mirrored.h5")) { (root) throws(RecordError) in
      try root.write(mirrored, shape: [5, 16, 16, 8], to: "images")
    }
    func logits(_ input: String, _ words: [String] = []) throws -> [Float] {
      let said = try Tool.run(
        ["predict", "probe", "--weights", weights, "--input", input, "--output", "l.h5"]
          + ["--overwrite", "--quiet"] + words, in: folder.url)
      try #require(said.exitCode == 0, "\(said.messages)")
      return try HDF5File(reading: path("l.h5")).root.dataset("logits").floats()
    }
    let (plain, other) = (try logits("images.h5"), try logits("mirrored.h5"))
    let mean = try logits("images.h5", ["--test-time-flip"])
    #expect(plain != other)
    #expect(mean == zip(plain, other).map { ($0 + $1) / 2 })
  }

  @Test func imagesInHDF5AreUsedAsTheyAre() throws {
    let outcome = try run(
      "train", "probe", "--dataset", "coupling", "--epochs", "1", "--set", "data.train=64", "--set",
      "data.test=64", "--set", "data.calibrationImages=256", "--results", "c", "--keep-weights",
      "--quiet")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let runs = try FileManager.default.contentsOfDirectory(atPath: path("c/runs"))
    let weights = "c/runs/" + (try #require(runs.first { $0.hasSuffix(".h5") }))
    let values = (0..<5 * 16 * 16 * 8).map { Float(sin(Double($0))) }
    try HDF5File.write(to: path("images.h5")) { (root) throws(RecordError) in
      try root.write(values, shape: [5, 16, 16, 8], to: "images")
    }
    let said = try run(
      "predict", "probe", "--weights", weights, "--input", "images.h5", "--format", "json",
      "--top", "1", "--quiet")
    try #require(said.exitCode == 0, "\(said.messages)")
    guard case .array(let images) = try JSON(text: said.output, source: "output") else { return }
    #expect(images.count == 5)
    #expect(images[4]["image"] == "images.h5:4")
    try flipsAreMeans(values, weights)
    // Textures say nothing of photographs.
    let refused = try run("predict", "probe", "--weights", weights, "--input", "test/red")
    #expect(refused.exitCode == 2)
    #expect(refused.messages.contains("was trained on coupling"))
    for (shape, name, rule) in [
      ([5, 16, 16 * 8], "flat.h5", "must be [N, H, W, C]"),
      ([20, 16, 16, 2], "thin.h5", "does not fit"), ([0, 16, 16, 8], "none.h5", "[N, H, W, C]"),
    ] {
      try HDF5File.write(to: path(name)) { (root) throws(RecordError) in
        try root.write(
          Array(values.prefix(shape.reduce(1, *))), shape: shape, to: "images")
      }
      let bad = try run("predict", "probe", "--weights", weights, "--input", name)
      #expect(bad.exitCode == 2, "\(name)")
      #expect(bad.messages.contains(rule), "\(bad.messages)")
    }
  }

  @Test func transferBeginsWithTheFilesWeights() throws {
    let weights = try trained()
    for label in 0..<2 {
      for index in 0..<4 { try write("two/class\(label)/\(index).png", label, index) }
    }
    let words = [
      "train", #"{"network": "probe", "width": 12}"#, "--weights", weights, "--dataset",
      "image-folder", "--set", "data.path=two", "--set", "data.preprocessing.size=12", "--epochs",
      "2", "--batch", "2", "--keep-weights", "--set", "training.optimizer.learningRate=0.01",
    ]
    let outcome = try Tool.run(
      words + ["--freeze", "base", "--results", "frozen"], in: folder.url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(
      outcome.messages.contains("begun afresh: dense/kernel, dense/bias"), "\(outcome.messages)")
    let before = try RunRecord(contentsOf: path(weights), reading: .weights).weights
    let after = try frozenWeights("frozen")
    #expect(before.map(\.path) == after.map(\.path))
    for (old, new) in zip(before, after) {
      let isSame = old.values == new.values
      #expect(isSame == !new.path.hasPrefix("dense"), "\(new.path)")
    }
    let free = try Tool.run(words + ["--results", "free"], in: folder.url)
    try #require(free.exitCode == 0, "\(free.messages)")
    let moved = zip(before, try frozenWeights("free")).count { $0.values != $1.values }
    #expect(moved == before.count)
  }

  /// As many classes of other names are other classes.
  @Test func aHeadOfClassesNamedOtherwiseIsNotTaken() throws {
    let weights = try trained()
    for label in 0..<3 {
      for index in 0..<4 { try write("three/kind\(label)/\(index).png", label, index) }
    }
    for (data, note) in [
      ("three", "begun afresh: dense/kernel, dense/bias"), (".", "all weights are from"),
    ] {
      let outcome = try run(
        "train", #"{"network": "probe", "width": 12}"#, "--weights", weights, "--dataset",
        "image-folder", "--set", "data.path=\(data)", "--set", "data.preprocessing.size=12",
        "--epochs", "1", "--batch", "4", "--results", "named")
      #expect(outcome.exitCode == 0 && outcome.messages.contains(note), "\(outcome.messages)")
    }
  }

  private func frozenWeights(_ results: String) throws -> [NamedTensor] {
    let runs = try FileManager.default.contentsOfDirectory(atPath: path("\(results)/runs"))
    let file = try #require(runs.first { $0.hasSuffix(".h5") })
    return try RunRecord(contentsOf: path("\(results)/runs/\(file)"), reading: .weights).weights
  }

  @Test func damagedPicturesAreNamedBeforeTheFirstStep() throws {
    try Data([1, 2, 3]).write(to: folder.url.appending(path: "train/red/2.png"))
    for words in [
      ["train", "probe", "--dataset", "image-folder", "--set", "data.path=.", "--batch", "4"],
      ["data", "verify", "image-folder", "--set", "path=."],
    ] {
      let outcome = try Tool.run(words + ["--quiet"], in: folder.url)
      #expect(outcome.exitCode == 2, "\(words)")
      #expect(outcome.messageLines.count == 1)
      #expect(outcome.messages.contains("train/red/2.png"), "\(outcome.messages)")
    }
  }

  @Test func verifyCountsAndPreviewDraws() throws {
    let verified = try run("data", "verify", "image-folder", "--set", "path=.", "--quiet")
    try #require(verified.exitCode == 0, "\(verified.messages)")
    #expect(verified.output.contains("299×299×3"))
    let all = verified.output.split(separator: "\n").first { $0.hasPrefix("all") }
    #expect(all?.split(separator: " ").dropFirst() == ["18", "18"])
    let drawn = try run(
      "data", "preview", "image-folder", "--set", "path=.", "--output", "sheet.png", "--quiet")
    #expect(drawn.exitCode == 0, "\(drawn.messages)")
    #expect(try Picture(contentsOf: path("sheet.png")).width > 900)
  }

  @Test func badRequestsAreRefusedInOneLine() throws {
    let weights = try trained()
    let network = #"{"network": "probe", "width": 12}"#
    try Data("{}".utf8).write(to: folder.url.appending(path: "empty.json"))
    for (words, rule) in [
      (["predict", network, "--weights", weights], "--input is missing"),
      (["predict", network, "--input", "test"], "--weights is missing"),
      (["predict", network, "--weights", weights, "--input", "absent.png"], "does not exist"),
      (["predict", network, "--weights", weights, "--input", "empty.json"], "JPEG or PNG"),
      (["predict", network, "--weights", weights, "--input", "a.h5", "test"], "only input"),
      (
        [
          "predict", network, "--weights", weights, "--input", "test", "--class-names",
          "empty.json",
        ],
        "names 0 classes"
      ),
      (
        [
          "predict", network, "--weights", weights, "--input", "test", "--preprocessing",
          #"{"sise": 3}"#,
        ], "did you mean \"size\""
      ),
      (["evaluate", network, "--weights", weights], "one of --dataset and --input"),
      (["evaluate", network, "--weights", weights, "--input", "test/red"], "must be a folder"),
      (["evaluate", network, "--weights", "empty.json", "--input", "test"], "empty.json"),
      (["train", network, "--dataset", "coupling", "--freeze", "base"], "without --weights"),
      (
        ["train", network, "--dataset", "coupling", "--weights", "absent.h5"],
        "must be a file that can be read"
      ),
      (["train", network, "--dataset", "coupling", "--weights", weights], "does not fit"),
      (
        ["train", network, "--dataset", "coupling", "--classes", "3"],
        "must be the 8 classes of the data set"
      ),
      (
        [
          "evaluate", network, "--weights", weights, "--dataset", "coupling",
        ], "the images have 8 classes; the network has 3"
      ),
    ] {
      let outcome = try Tool.run(words, in: folder.url)
      #expect(outcome.exitCode == 2, "\(words): \(outcome.messages)")
      #expect(outcome.messages.contains(rule), "\(words): \(outcome.messages)")
      #expect(outcome.output.isEmpty)
    }
  }
}
