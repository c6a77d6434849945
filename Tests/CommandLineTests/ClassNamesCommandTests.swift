// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Settings
import Testing

/// A network that was trained on folders says their names, with nothing but its weights given; one
/// whose answers are no numbers says nothing.
@Suite("Class names on the command line")
struct ClassNamesCommandTests {
  private static let network = #"{"network": "probe", "width": 12}"#
  private let folder: ScratchFolder
  private let weights: String

  /// A probe trained on pictures in which one channel is bright.
  init() throws {
    folder = try ScratchFolder()
    let url = folder.url
    for (label, name) in ["blue", "green", "red"].enumerated() {
      for part in ["train", "test"] {
        let place = url.appending(path: "pictures/\(part)/\(name)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for index in 0..<5 {
          let pixels = (0..<12 * 12 * 3).map { value in
            UInt8(value % 3 == 2 - label ? 200 : (value * (7 + index)) % 60)
          }
          try Picture(height: 12, width: 12, pixels: pixels)
            .write(png: place.appending(path: "\(index).png").path)
        }
      }
    }
    let outcome = try Tool.run(
      [
        "train", Self.network, "--dataset", "image-folder", "--set", "data.path=pictures", "--set",
        "data.preprocessing.size=8", "--set", "data.augmentation={\"flip\": true, \"crop\": false}",
        "--epochs", "20", "--batch", "5", "--set", "training.optimizer.learningRate=0.03",
        "--results", "results", "--keep-weights", "--quiet",
      ], in: url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let runs = try FileManager.default.contentsOfDirectory(
      atPath: url.appending(path: "results/runs").path)
    weights = "results/runs/" + (try #require(runs.first { $0.hasSuffix(".h5") }))
  }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(words + ["--quiet"], in: folder.url)
  }

  private func predict(_ weights: String, _ words: String...) throws -> Tool.Outcome {
    let outcome = try Tool.run(
      [
        "predict", Self.network, "--weights", weights, "--input", "pictures/test/red/0.png",
        "pictures/test/blue/0.png", "--top", "1", "--quiet",
      ] + words, in: folder.url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    return outcome
  }

  @Test func predictionsHaveTheNamesOfTheFolders() throws {
    #expect(try RunRecord(contentsOf: path(weights)).classNames == ["blue", "green", "red"])
    let csv = try predict(weights, "--format", "csv").output.split(separator: "\n")
    #expect(csv[0] == "image,rank,class,id,name,probability (%)")
    #expect(csv[1].hasPrefix("pictures/test/red/0.png,1,2,red,red,"))
    #expect(csv[2].hasPrefix("pictures/test/blue/0.png,1,0,blue,blue,"))
    let text = try predict(weights).output.split(separator: "\n")
    #expect(text[0].contains(" name ") && !text[0].contains(" id "))
    #expect(text.contains { $0.contains("test/red/0.png") && $0.contains(" red ") })
    let json = try JSON(text: predict(weights, "--format", "json").output, source: "output")
    guard case .array(let images) = json, case .array(let classes)? = images[1]["classes"] else {
      Issue.record("\(json)")
      return
    }
    #expect(images.count == 2)
    #expect(classes[0]["name"] == "blue" && classes[0]["class"] == 0)
    try Data(#"["azul", "verde", "rojo"]"#.utf8)
      .write(to: folder.url.appending(path: "names.json"))
    let spanish = try predict(weights, "--class-names", "names.json", "--format", "csv").output
    #expect(spanish.contains(",rojo,rojo,") && !spanish.contains(",red,"))
  }

  @Test func namesSurviveConversionIntoOurForm() throws {
    let converted = try run("weights", "convert", weights, "net.h5", "--network", Self.network)
    // Run files do not say the size of their images.
    try #require(converted.exitCode == 0, "\(converted.messages)")
    let csv = try predict("net.h5", "--preprocessing", #"{"size": 8}"#, "--format", "csv").output
    #expect(csv.contains(",2,red,red,"))
    let text = try run("weights", "inspect", "net.h5")
    #expect(text.output.contains("\nclassNames: blue, green, red\n"), "\(text.output)")
    let json = try Tool.json("weights", "inspect", path("net.h5"), path(weights))
    for index in 0..<2 {
      #expect(Self.names(json, file: index) == ["blue", "green", "red"], "file \(index)")
    }
  }

  private static func names(_ json: JSON, file index: Int) -> JSON? {
    guard case .array(let files)? = json["files"], files.indices.contains(index) else { return nil }
    return files[index]["classNames"]
  }

  @Test func evaluationFindsFoldersByTheirNames() throws {
    func evaluate(_ words: String...) throws -> Tool.Outcome {
      try Tool.run(
        ["evaluate", Self.network, "--weights", weights, "--format", "json", "--quiet"] + words,
        in: folder.url)
    }
    // Some classes only: without names they would be taken for the first ones.
    try FileManager.default.removeItem(atPath: path("pictures/test/blue"))
    let some = try evaluate("--input", "pictures/test")
    try #require(some.exitCode == 0, "\(some.messages)")
    let json = try JSON(text: some.output, source: "output")
    #expect(json["images"] == 10)
    #expect(json["top1.value"] == 1 || json["top1.value"] == 1.0)
    for part in ["train", "test"] {
      try FileManager.default.moveItem(
        atPath: path("pictures/\(part)/red"), toPath: path("pictures/\(part)/rad"))
    }
    let misspelt = try evaluate("--input", "pictures/test")
    #expect(misspelt.exitCode == 2)
    #expect(misspelt.messages.contains("(did you mean \"red\"?)"), "\(misspelt.messages)")
    let words = ["--dataset", "image-folder", "--set", "path=pictures"]
    let other = try evaluate(words[0], words[1], words[2], words[3])
    #expect(other.exitCode == 2)
    #expect(
      other.messages.contains("class 2 is \"rad\" among the images and \"red\" in"),
      "\(other.messages)")
    try Data(#"["blue", "green", "rad"]"#.utf8)
      .write(to: folder.url.appending(path: "names.json"))
    let said = try evaluate(
      words[0], words[1], words[2], words[3], "--class-names", "names.json")
    #expect(said.exitCode == 0, "\(said.messages)")
  }

  // MARK: Answers that are no numbers

  /// The trained weights, so large that the sums overflow.
  @Test func weightsThatGiveNoNumbersAreAFailure() throws {
    var record = try RunRecord(contentsOf: path(weights))
    for index in record.weights.indices where record.weights[index].path.hasSuffix("kernel") {
      record.weights[index].values = record.weights[index].values.map { $0 * 1e30 }
    }
    try record.write(to: path("large.h5"))
    let evaluated = try run(
      "evaluate", Self.network, "--weights", "large.h5", "--input", "pictures/test")
    #expect(evaluated.exitCode == 1)
    #expect(evaluated.output.isEmpty)
    #expect(
      evaluated.messages.contains(
        "large.h5 gives NaN or infinity for 15 of 15 images: blue/0.png, blue/1.png, blue/2.png "
          + "and 12 more"), "\(evaluated.messages)")
    let predicted = try run(
      "predict", Self.network, "--weights", "large.h5", "--input", "pictures/test/red/0.png",
      "--output", "said.h5")
    #expect(predicted.exitCode == 1)
    #expect(predicted.output.isEmpty)
    #expect(predicted.messages.contains("1 of 1 images: pictures/test/red/0.png"))
    #expect(!FileManager.default.fileExists(atPath: path("said.h5")))
  }

  /// One image of three overflows, the others do not.
  @Test func oneSuchImageIsNamed() throws {
    var values = (0..<3 * 8 * 8 * 3).map { Float(sin(Double($0))) }
    for index in 192..<384 { values[index] = index % 2 == 0 ? 3e38 : -3e38 }
    try HDF5File.write(to: path("images.h5")) { (root) throws(RecordError) in
      try root.write(values, shape: [3, 8, 8, 3], to: "images")
    }
    let outcome = try run("predict", Self.network, "--weights", weights, "--input", "images.h5")
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.messages.contains("gives NaN or infinity for 1 of 3 images: images.h5:1"),
      "\(outcome.messages)")
  }

  @Test func aBenchThatTrainsNothingIsRefused() throws {
    let words = ["bench", "probe", "--input", "1x1x3", "--batch", "1", "--plan"]
    let refused = try Tool.run(words)
    #expect(refused.exitCode == 2)
    #expect(
      refused.messages.contains("bn: expected more than one value per channel in training"),
      "\(refused.messages)")
    let inferred = try Tool.run(words + ["--mode", "infer"])
    #expect(inferred.exitCode == 0, "\(inferred.messages)")
  }
}
