// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Testing

@Suite("Bad input")
struct BadInputTests {
  /// Words that are wrong, and what the message must hold.
  struct Case: Sendable, CustomTestStringConvertible {
    var words: [String]
    var expected: [String]
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String..., says expected: String...) {
      self.words = words
      self.expected = expected
    }
  }

  static let usage = [
    Case(says: "continuum: ", "missing", "--help"),
    Case("descrbe", "stack", says: "descrbe", "did you mean \"describe\""),
    Case("--thread", "2", "zoo", says: "--thread", "did you mean \"--threads\""),
    Case("--threads", "0", "zoo", says: "continuum zoo: ", "--threads", "\"0\"", "1 and 1024"),
    Case("--threads", "many", "zoo", says: "\"many\"", "whole number"),
    Case("zoo", "--threads", "99999999999999999999", says: "whole number"),
    Case("zoo", "--seed=-1", says: "--seed", "at least 0"),
    Case("zoo", "extra", says: "\"extra\"", "too many", "usage: continuum zoo"),
    Case("zoo", "--format", "jsn", says: "\"jsn\"", "text, json", "did you mean \"json\""),
    Case("zoo", "--format", "text", "--format", "json", says: "--format", "twice"),
    Case("zoo", "--quiet=yes", says: "--quiet", "no value"),
    Case("zoo", "--format", says: "--format needs a value"),
    Case("zoo", "--format=", says: "--format needs a value"),
    Case("zoo", "--format", "", says: "--format needs a value: --format text|json"),
    Case("help", "zo", says: "did you mean \"zoo\""),
    Case("describe", says: "NETWORK is missing", "usage: continuum describe NETWORK"),
    Case("describe", "stack", "--inptu", "1x1x1", says: "--inptu", "did you mean \"--input\""),
    Case("describe", "stack", "--input", "--classes", "3", says: "--input needs a value"),
    Case("describe", "stack", "--input", "32x32", says: "--input", "\"32x32\"", "HxWxC"),
    Case("describe", "stack", "--input", "32x32x3x", says: "HxWxC"),
    Case("describe", "stack", "--input", "0x32x3", says: "from 1 to"),
    Case("describe", "stack", "--input", "99999999x32x3", says: "16384"),
    Case("describe", "stack", "--classes", "0", says: "--classes", "between 1"),
    Case("describe", "stack", "--classes", "1e9", says: "whole number"),
  ]

  static let networks = [
    Case("describe", "stak", says: "\"stak\"", "did you mean \"stack\""),
    Case("describe", "", says: "NETWORK"),
    Case("describe", "/nowhere/net.json", says: "/nowhere/net.json"),
    Case("describe", "/", says: "folder"),
    Case("describe", "{", says: "NETWORK", "JSON"),
    Case("describe", "{}", says: "network", "stack, probe"),
    Case("describe", #"{"network": "xception", "classes": 10}"#, says: "classes", "--classes"),
    Case("describe", #"{"network": 3}"#, says: "network", "3"),
    Case("describe", #"{"network": "stack", "widht": 3}"#, says: "widht", "\"width\""),
    Case("describe", #"{"network": "stack", "width": 0}"#, says: "width", "0", "between 1"),
    Case("describe", #"{"network": "stack", "width": "64"}"#, says: "width", "whole number"),
    Case("describe", #"{"network": "stack", "width": 1e300}"#, says: "width"),
    Case("describe", #"{"network": "stack", "block": 3}"#, says: "block", "object"),
    Case("describe", #"{"network": "stack", "block": {}}"#, says: "block.kind"),
    Case(
      "describe", #"{"network": "stack", "block": {"kind": "seperable-conv"}}"#,
      says: "seperable-conv", "did you mean \"separable-conv\""),
    Case(
      "describe", #"{"network": "probe", "block": {"kind": "segmented-inception", "segments": 5}}"#,
      says: "segmented-inception", "segments", "5", "divide the 32 filters"),
    Case(
      "describe", #"{"network": "probe", "block": {"kind": "regular-conv", "between": "relu"}}"#,
      says: "regular-conv", "between", "relu"),
  ]

  static let others = [
    Case("match", "stack", says: "--quantity is missing"),
    Case("match", "stack", "--quantity", "parameters", says: "--target is missing"),
    Case("match", "stack", "--quantity", "flops", "--target", "1", says: "flops", "multiply-adds"),
    Case("match", "stack", "--quantity", "parameters", "--target", "0", says: "at least 1"),
    Case("match", "stack", "--quantity", "parameters", "--target", "1e6", says: "whole number"),
    Case("match", "stack", "--quantity", "parameters", "--target", "stck", says: "\"stack\""),
    Case(
      "match", "stack", "--quantity", "parameters", "--target", "9", "--segments", "1,,2",
      says: "--segments", "commas"),
    Case(
      "match", "stack", "--quantity", "parameters", "--target", "9", "--segments", "0",
      says: "--segments"),
    Case(
      "match", #"{"network": "stack", "block": {"kind": "simplified-inception"}}"#, "--quantity",
      "parameters", "--target", "9", "--hold", "segment-width",
      says: "segment-width", "simplified-inception of stack"),
    Case(
      "match", #"{"network": "probe", "block": {"kind": "regular-conv", "segments": 2}}"#,
      "--quantity", "parameters", "--target", "9", says: "NETWORK: block.segments is 2",
      "is no option of regular-conv"),
    Case(
      "match", "stack", "--quantity", "parameters", "--target", "9", "--segments", "1,3",
      "--hold", "segment-width", says: "NETWORK: segmented-inception, 3 segments: segment-width"),
    Case("run", "quickstart", "--results", "", says: "--results needs a value"),
    Case("run", "/dev/null", says: "/dev/null: is not valid JSON at line 1"),
    Case("run", "/", says: "is no experiment file"),
    Case("run", "Experiments", "--results", "/dev/null/x", says: "Experiments"),
    Case("train", "probe", says: "--dataset is missing"),
    Case(
      "train", "probe", "--dataset", "couplin", says: "--dataset is \"couplin\"", "\"coupling\""),
    Case("train", "prob", "--dataset", "coupling", says: "NETWORK is \"prob\"", "\"probe\""),
    Case(
      "train", "probe", "--dataset", "coupling", "--set", "training.epoch=2",
      says: "the run: training.epoch: unknown field"),
    Case("train", "probe", "--dataset", "coupling", "--jobs", "2", says: "no option --jobs"),
    Case("table", "/nowhere", says: "/nowhere"),
    Case("table", "/dev", says: "/dev: must be the results folder", "it holds none"),
    Case("plot", "/dev", says: "/dev: must be the results folder", "it holds none"),
    Case("table", ".", "--format", "html", says: "html", "markdown"),
    Case("plot", ".", "--output", "curve.jpg", says: "curve.jpg", ".svg"),
    Case("plot", ".", "--output", "curve.png", "--format", "pdf", says: "curve.png", ".pdf"),
    Case("plot", ".", "--kind", "speed", "--metric", "x", says: "--metric"),
    Case("plot", ".", "--metric", "x", "--metric", "y", says: "--metric", "once"),
    Case("plot", ".", "--width", "cvpr-colum", says: "--width", "did you mean \"cvpr-column\"?"),
    Case("plot", ".", "--height", "1e9cm", says: "--height", "8.5cm"),
    Case("plot", ".", "--font-size", "0", says: "--font-size", "from 4 to 40"),
    Case("plot", ".", "--kind", "speed", says: "measurements.json", "make peers"),
    Case("data", says: "missing", "list|fetch|verify|preview"),
    Case("data", "lst", says: "\"lst\"", "did you mean \"list\""),
    Case("data", "list", "coupling", says: "too many"),
    Case("data", "verify", "coupling", "mnist", says: "\"mnist\" is one argument too many"),
    Case("data", "fetch", "--data", "/tmp", says: "NAME is missing"),
    Case("data", "fetch", "xceptoin", "--data", "/tmp", says: "did you mean \"xception\""),
    Case("data", "fetch", "xception", says: "no data folder is named"),
    Case(
      "data", "fetch", "mnist", "--data", "/tmp", "--from", "file:///etc", says: "--from",
      "http://"),
    Case("data", "verify", says: "DATASET is missing"),
    Case("data", "verify", "cifar10", says: "cifar10", "did you mean \"cifar-10\""),
    Case("data", "verify", "coupling", "--set", "lambda", says: "FIELD=VALUE"),
    Case("data", "verify", "coupling", "--set", "lamda=1", says: "lamda", "\"lambda\""),
    Case("data", "verify", "coupling", "--set", "lambda=2", says: "lambda", "2"),
    Case("data", "preview", "coupling", says: "--output is missing"),
    Case("data", "preview", "coupling", "--output", "a.jpg", says: ".png"),
    Case("data", "verify", "cifar-10", "--data", "/nowhere", says: "/nowhere"),
    Case("weights", "inspect", says: "missing", "inspect|convert|export|diff"),
    Case("weights", "inspct", "a.h5", says: "\"inspct\"", "did you mean \"inspect\""),
    Case("weights", "inspect", "/nowhere.h5", says: "/nowhere.h5", "No such file"),
    Case("weights", "inspect", "/", says: "must be a file"),
    Case("weights", "inspect", "/dev/null", says: "/dev/null", "must be a file"),
    Case("weights", "inspect", "a.h5", "--to", "keras-v3", says: "--to means nothing"),
    Case("weights", "convert", "a.h5", "b.h5", "--format", "json", says: "--format means nothing"),
    Case("weights", "convert", "a.h5", says: "1 file instead of two", "IN OUT"),
    Case("weights", "convert", "a.h5", "b.npz", says: "b.npz", ".h5"),
    Case("weights", "convert", "a.h5", "b.h5", "--to", "keras", says: "keras-legacy"),
    Case("weights", "convert", "/nowhere.h5", "b.h5", says: "/nowhere.h5"),
    Case("weights", "diff", "a", "b", "c", says: "3 files instead of two"),
    Case("weights", "diff", "a", "b", "--tolerance", "-1", says: "--tolerance", "at least 0"),
    Case("weights", "diff", "a", "b", "--tolerance", "nan", says: "--tolerance", "at least 0"),
    Case("bench", "stack", "--batch", "0", says: "--batch", "at least 1"),
    Case("bench", "stack", "--mode", "training", says: "training", "train, infer"),
    Case("bench", "stack", "--rounds", "-3", says: "--rounds", "\"-3\""),
    Case("bench", "stack", "--plan", "--batch", "9", "--input", "16384x16384x1", says: "--batch"),
  ]

  @Test("wrong usage is one line on stderr and exit code 2", arguments: usage + networks + others)
  func oneMessage(wrong: Case) throws {
    let outcome = try Tool.run(wrong.words)
    #expect(!outcome.wasKilled)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messageLines.filter { !$0.hasPrefix("reading ") }.count == 1)
    let message = try #require(outcome.messageLines.last)
    #expect(message.hasPrefix("continuum"))
    for part in wrong.expected { #expect(message.contains(part), "\(message)") }
  }

  @Test("an error in a network file names the file")
  func networkFile() throws {
    let folder = try ScratchFolder()
    let text = #"{"network": "probe", "block": {"kind": "segmented-inception", "segments": 3}}"#
    let file = try folder.write(text, to: "n.json")
    for words in [
      ["describe", file], ["bench", file],
      ["match", "probe", "--quantity", "parameters", "--target", file],
    ] {
      let outcome = try Tool.run(words)
      #expect(outcome.exitCode == 2)
      #expect(
        outcome.messages.contains(
          "\(file): block segmented-inception: segments is 3; it must divide"))
    }
    let twice = try folder.write(#"{"network": "probe", "width": 3, "width": 4}"#, to: "t.json")
    let outcome = try Tool.run(["describe", twice])
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("\(twice): width: stands a second time at line 1, column 34"))
  }

  @Test("a network without options is buildable with every block's defaults")
  func defaults() throws {
    for network in ["stack", "probe"] {
      for block in BlockZoo.all {
        _ = try Tool.output(
          "describe", #"{"network": "\#(network)", "block": {"kind": "\#(block.key)"}}"#)
      }
    }
  }

  @Test("files that are no networks are refused")
  func wrongFiles() throws {
    let folder = try ScratchFolder()
    let binary = folder.url.appending(path: "binary.json")
    try Data([0x7B, 0xFF, 0xFE, 0x00]).write(to: binary)
    let large = folder.url.appending(path: "large.json")
    try Data(repeating: 0x20, count: (1 << 20) + 1).write(to: large)
    let nested = try folder.write(
      String(repeating: "[", count: 100_000), to: "nested.json")
    for file in [binary.path, large.path, nested, try folder.write("", to: "empty.json")] {
      let outcome = try Tool.run(["describe", file])
      #expect(outcome.exitCode == 2 && !outcome.wasKilled, "\(file)")
      #expect(outcome.messageLines.count == 1)
      #expect(outcome.messages.contains(file))
    }
  }

  @Test("a file of weights in a network's place is told where it belongs")
  func weightsInsteadOfANetwork() throws {
    let folder = try ScratchFolder()
    for name in ["run.h5", "model.keras"] {
      let file = try folder.write("", to: name)
      let outcome = try Tool.run(["evaluate", file, "--weights", file])
      #expect(outcome.exitCode == 2)
      #expect(outcome.messages.contains("\(file): is a file of weights"))
      #expect(outcome.messages.contains("--weights"))
    }
  }

  @Test("a value of 100 kB is not shown whole")
  func longWords() throws {
    let long = String(repeating: "n", count: 100_000)
    let folder = try ScratchFolder()
    let file = try folder.write(#"{"network": "\#(long)"}"#, to: "n.json")
    for words in [
      ["describe", long], ["describe", file], ["run", "quickstart", "--set", "\(long)=1"],
      ["describe", "stack", "--format", long], [long],
    ] {
      let outcome = try Tool.run(words)
      #expect(outcome.exitCode == 2)
      #expect(outcome.messageLines.count == 1)
      #expect(outcome.messages.count < 5000, "\(words[0]): \(outcome.messages.count)")
    }
  }

  @Test("a path that is no text names no other file")
  func bytesThatAreNoText() throws {
    let folder = try ScratchFolder()
    let outcome = try Tool.shell(
      #"continuum train probe --dataset coupling --results $'b\xFF\xFEd'; code=$?; ls; exit $code"#,
      in: folder.url)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messageLines.count == 1)
    #expect(outcome.messages.contains("argument 6, \"b") && outcome.messages.contains("UTF-8"))
  }

  @Test("a message stays one line, whatever is in the words")
  func lineFeeds() throws {
    let outcome = try Tool.run(["describe", "no\nsuch\r\nnetwork"])
    #expect(outcome.exitCode == 2)
    #expect(outcome.messageLines.count == 1)
  }
}
