// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@Suite("bench, data, table and plot")
struct MeasurementTests {
  @Test("bench has the documented keys, and its times are in order", arguments: ["train", "infer"])
  func benchKeys(mode: String) throws {
    let json = try Tool.json(
      "bench", "probe", "--mode", mode, "--batch", "4", "--rounds", "5", "--input", "8x8x3",
      "--threads", "1", "--quiet")
    #expect(json["network"] == "probe")
    #expect(json["mode"] == .string(mode))
    #expect(json["batch"] == 4)
    #expect(json["threads"] == 1)
    #expect(json["parameters"] == 1802)
    let least = try #require(json["millisecondsPerImage.min"]?.numberValue)
    let median = try #require(json["millisecondsPerImage.median"]?.numberValue)
    let most = try #require(json["millisecondsPerImage.max"]?.numberValue)
    #expect(0 < least && least <= median && median <= most)
    let peak = try #require(json["peakMemoryBytes"]?.integerValue)
    let arena = try #require(json["arenaBytes"]?.integerValue)
    #expect(peak > 1 << 20 && arena > 4 * 4 * 8 * 8 * 32)
    let images = try #require(json["imagesPerSecond"]?.numberValue)
    #expect(abs(images * median - 1000) < 1e-6 * 1000)
    let rate = try #require(json["productGigaflops"]?.numberValue)
    let share = try #require(json["shareOfProducts"]?.numberValue)
    let multiplyAdds = try #require(json["multiplyAdds"]?.integerValue)
    #expect(rate > 0.1 && share > 0)
    // A training step takes three times the forward pass but for what the images would get.
    let done = share * rate * 1e9 / 2 * median / 1000
    #expect(done < Double(mode == "train" ? 3 : 1) * Double(multiplyAdds) * 1.001)
    #expect(done > Double(mode == "train" ? 2 : 1) * Double(multiplyAdds) * 0.999)
  }

  @Test(
    "the plan's steps say what they absorb; the plain plan absorbs nothing",
    arguments: [("train", 50), ("infer", 20)])
  func planStepsAbsorb(_ mode: String, _ least: Int) throws {
    func steps(_ options: String...) throws -> [JSON] {
      let json = try Tool.json(
        ["bench", "stack", "--plan", "--mode", mode, "--batch", "2", "--input", "16x16x3"]
          + options)
      guard case .array(let steps)? = json["steps"] else { return [] }
      return steps
    }
    func total(_ steps: [JSON], _ key: String) -> Int {
      steps.reduce(0) { $0 + ($1[key]?.integerValue ?? 0) }
    }
    func absorbed(_ steps: [JSON]) -> Int {
      steps.reduce(0) { sum, step in
        guard case .array(let names)? = step["absorbs"] else { return sum }
        return sum + names.count
      }
    }
    let fused = try steps()
    let plain = try steps("--plain")
    #expect(absorbed(fused) > least && absorbed(plain) == 0)
    #expect(fused.count < plain.count)
    #expect(total(fused, "multiplyAdds") == total(plain, "multiplyAdds"))
    #expect(total(fused, "bytes") < total(plain, "bytes"))
  }

  @Test("a profile measures every step", arguments: [[], ["--plain"], ["--mode", "infer"]])
  func profileMeasuresSteps(options: [String]) throws {
    let arguments = ["bench", "probe", "--profile", "--batch", "4", "--input", "8x8x3"] + options
    let json = try Tool.json(arguments + ["--rounds", "3", "--quiet"])
    guard case .array(let steps)? = json["steps"] else {
      Issue.record("no steps")
      return
    }
    #expect(steps.count >= 5)
    let seconds = try steps.map { try #require($0["seconds"]?.numberValue) }
    let shares = try steps.map { try #require($0["share"]?.numberValue) }
    #expect(seconds.allSatisfy { $0 > 0 } && abs(shares.reduce(0, +) - 1) < 1e-9)
    let text = try Tool.run(arguments + ["--rounds", "1", "--quiet"])
    #expect(text.exitCode == 0)
    for word in ["convolution", "GFLOP/s", "share %", "ms an image"] {
      #expect(text.output.contains(word), "\(word)")
    }
  }

  @Test("the plan's buffers lie inside the arena, and none overlaps another of its time")
  func planIsSound() throws {
    let json = try Tool.json(
      "bench", "probe", "--plan", "--batch", "2", "--input", "8x8x3", "--threads", "1")
    let arena = try #require(json["arenaBytes"]?.integerValue)
    guard case .array(let buffers)? = json["buffers"] else {
      Issue.record("no buffers")
      return
    }
    #expect(buffers.count > 10)
    let spans = try buffers.map { buffer in
      (
        time: try #require(buffer["firstStep"]?.integerValue)...#require(
          buffer["lastStep"]?.integerValue),
        start: try #require(buffer["offset"]?.integerValue),
        end: try #require(buffer["offset"]?.integerValue)
          + #require(buffer["bytes"]?.integerValue)
      )
    }
    for (index, span) in spans.enumerated() {
      #expect(span.end <= arena)
      for other in spans[(index + 1)...] where span.time.overlaps(other.time) {
        #expect(span.end <= other.start || other.end <= span.start)
      }
    }
  }

  @Test("bench tells what it measures with")
  func benchText() throws {
    let outcome = try Tool.run([
      "bench", "probe", "--batch", "2", "--rounds", "2", "--input", "8x8x3", "--quiet",
    ])
    #expect(outcome.exitCode == 0)
    #expect(outcome.messages.isEmpty)
    for word in ["processor", "threads", "OpenBLAS", "kernels", "1,802", "arena", "peak memory"] {
      #expect(outcome.output.contains(word), "\(word)")
    }
  }

  @Test("data verify counts every class in every split")
  func dataVerify() throws {
    let outcome = try Tool.run([
      "data", "verify", "coupling", "--set", "train=80", "--set", "test=16", "--quiet",
    ])
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.messages.isEmpty)
    let last = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("all") })
    #expect(last.split(separator: " ").dropFirst() == ["80", "16"])
    #expect(outcome.output.contains("bestPossibleAccuracy"))
  }

  @Test("data list names every kind")
  func dataList() throws {
    let list = try Tool.output("data", "list")
    for kind in ["coupling", "cifar-10", "cifar-100", "mnist", "fashion-mnist"] {
      #expect(list.contains(kind))
    }
  }

  @Test("data preview writes a PNG")
  func dataPreview() throws {
    let folder = try ScratchFolder()
    let file = folder.url.appending(path: "sheet.png")
    let outcome = try Tool.run([
      "data", "preview", "coupling", "--set", "lambda=1", "--output", file.path,
    ])
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let data = try Data(contentsOf: file)
    #expect(data.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(data.count > 1000)
  }

  @Test("table reads a results folder and its runs folder alike, in every format")
  func tables() throws {
    let folder = try ScratchFolder()
    try folder.addResults()
    let results = folder.url.appending(path: "Results/quickstart").path
    for format in ["markdown", "csv", "latex", "json"] {
      let text = try Tool.output("table", results, "--format", format)
      #expect(text.contains("regular") && text.contains("extreme"))
      #expect(try Tool.output("table", results + "/runs", "--format", format) == text)
    }
    _ = try Tool.json("table", results)
    let wrong = try Tool.run(["table", results, "--metric", "test/top2"])
    #expect(wrong.exitCode == 2)
    #expect(wrong.messages.contains("test/top1"))
  }
}
