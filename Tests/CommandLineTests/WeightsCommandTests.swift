// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings
import Testing
import Weights

@Suite("weights")
struct WeightsCommandTests {
  private static let tiny = WeightFiles.fixtures.appending(path: "tiny.keras3.weights.h5").path

  @Test("inspect shows form, arrays, shapes and ranges")
  func inspect() throws {
    let page = try Tool.output("weights", "inspect", Self.tiny)
    #expect(page.contains("form: keras-v3"))
    let kernel = try #require(page.split(separator: "\n").first { $0.hasPrefix("conv2d ") })
    #expect(
      kernel.split(separator: " ").map(String.init)
        == ["conv2d", "block1_conv1", "0", "3×3×3×4", "108", "−2.32503", "2.00239", "0.07281"])
    #expect(page.split(separator: "\n").last?.split(separator: " ") == ["total", "219"])
  }

  @Test("inspect --format json holds every file, layer and array")
  func inspectJSON() throws {
    let second = WeightFiles.fixtures.appending(path: "tiny.keras1-style.h5").path
    let json = try Tool.json("weights", "inspect", Self.tiny, second)
    guard case .array(let files)? = json["files"] else { throw Missing() }
    try #require(files.count == 2)
    #expect(files[0]["form"] == "keras-v3" && files[1]["form"] == "keras-legacy")
    #expect(files[0]["values"] == 219 && files[1]["arrays"] == 9)
    guard case .array(let layers)? = files[0]["layers"],
      let dense = layers.first(where: { $0["key"] == "dense" }),
      case .array(let arrays)? = dense["arrays"]
    else { throw Missing() }
    #expect(dense["name"] == "predictions")
    #expect(arrays.map { $0["shape"] } == [[6, 5], [5]])
    let bias = try #require(arrays.last)
    #expect(abs((bias["min"]?.numberValue ?? 0) - -0.86762) < 1e-5)
    #expect(abs((bias["mean"]?.numberValue ?? 0) - -0.21314) < 1e-5)
    #expect(bias["nonFinite"] == 0)
  }

  private struct Missing: Error {}

  @Test("every form converts to every other and stays equal")
  func convert() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    var files = ["probe.h5"]
    for name in ["a.weights.h5", "b_tf_kernels.h5", "c.h5"] {
      let last = files[files.count - 1]
      let outcome = try Tool.run(
        ["weights", "convert", last, name, "--network", "probe"], in: folder.url)
      try #require(outcome.exitCode == 0, "\(outcome.messages)")
      files.append(name)
    }
    for first in files {
      for second in files {
        let outcome = try Tool.run(["weights", "diff", first, second], in: folder.url)
        #expect(outcome.exitCode == 0 && outcome.output == "9 arrays, all equal\n")
      }
    }
    let form = try Tool.run(["weights", "inspect", "b_tf_kernels.h5"], in: folder.url)
    #expect(form.output.contains("form: keras-legacy"))
  }

  @Test("a file that is there is replaced only when asked")
  func overwrite() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    let words = ["weights", "convert", "probe.h5", "copy.weights.h5"]
    #expect(try Tool.run(words, in: folder.url).exitCode == 0)
    let again = try Tool.run(words, in: folder.url)
    #expect(again.exitCode == 2 && again.messageLines.count == 1)
    #expect(again.messages.contains("copy.weights.h5 is there already; --overwrite"))
    #expect(try Tool.run(words + ["--overwrite"], in: folder.url).exitCode == 0)
    let itself = try Tool.run(
      ["weights", "convert", "probe.h5", "probe.h5", "--overwrite"], in: folder.url)
    #expect(itself.exitCode == 2)
    #expect(itself.messages.contains("probe.h5 is what the command reads"))
  }

  @Test("a pipe or a folder is never replaced by a file")
  func pipes() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    let pipe = folder.url.appending(path: "pipe.h5").path
    #expect(mkfifo(pipe, 0o600) == 0)
    for target in [pipe, folder.url.path] {
      let outcome = try Tool.run(
        ["weights", "convert", "probe.h5", target, "--to", "continuum", "--overwrite"],
        in: folder.url)
      #expect(outcome.exitCode == 2, "\(target)")
      #expect(outcome.messages.contains("will not be replaced"), "\(outcome.messages)")
    }
    var status = stat()
    #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test("diff tells where files differ and exits with 1")
  func diff() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    try folder.addProbe(to: "other.h5") { $0.value(0)[5] += 0.5 }
    let outcome = try Tool.run(["weights", "diff", "probe.h5", "other.h5"], in: folder.url)
    #expect(outcome.exitCode == 1 && outcome.messageLines.count == 1)
    #expect(outcome.messages.contains("differ in 1 of 9 arrays"))
    let row = try #require(outcome.output.split(separator: "\n").last)
    #expect(row.split(separator: " ").prefix(4) == ["stem", "kernel", "96", "1"])
    let near = ["weights", "diff", "probe.h5", "other.h5", "--tolerance", "0.6"]
    #expect(try Tool.run(near, in: folder.url).exitCode == 0)
    let shapes = try Tool.run(["weights", "diff", "probe.h5", Self.tiny], in: folder.url)
    #expect(shapes.exitCode == 1 && shapes.output.contains("→"))
    #expect(shapes.messages.contains("differ in their layers or shapes"))
  }

  @Test("a file that does not fit is one message with both lists under it")
  func mismatch() throws {
    let folder = try ScratchFolder()
    let outcome = try Tool.run(
      ["weights", "convert", Self.tiny, "out.h5", "--network", "probe"], in: folder.url)
    #expect(outcome.exitCode == 2 && outcome.output.isEmpty)
    #expect(outcome.messageLines.count == 6)
    #expect(outcome.messageLines[0].contains("does not fit probe for 32×32×3 and 5 classes"))
    #expect(outcome.messageLines[1].contains("in the file"))
    #expect(outcome.messageLines[2].hasPrefix("→  1  block1_conv1"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test("what stands in a file cannot write on the terminal")
  func escapes() throws {
    let folder = try ScratchFolder()
    let data = try Data(contentsOf: URL(fileURLWithPath: Self.tiny))
    let name = try #require(data.range(of: Data("predictions".utf8)))
    var changed = data
    changed.replaceSubrange(name, with: Data("pr\u{1B}[31mions".utf8))
    try changed.write(to: folder.url.appending(path: "red.h5"))
    let page = try Tool.run(["weights", "inspect", "red.h5"], in: folder.url)
    #expect(page.exitCode == 0 && page.output.contains("pr\u{FFFD}[31mions"))
  }
}

/// Weight files for tests.
enum WeightFiles {
  /// Files that Keras wrote.
  static let fixtures = golden.appending(path: "keras")
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden")
}

extension ScratchFolder {
  /// The weights of a probe, as our own file.
  func addProbe(
    to name: String = "probe.h5", change: (ParameterMemory) -> Void = { _ in }
  ) throws {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(
      input: network.usualInput, classes: network.usualClasses)
    let memory = try ParameterMemory(graph)
    memory.initialize(seed: 1, kernels: .heNormal)
    change(memory)
    try WeightWriter.write(
      memory, of: graph, network: network, as: .continuum,
      to: url.appending(path: name).path)
  }
}
