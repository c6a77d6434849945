// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Settings
import Testing

/// `verify` finds whatever is not as it was written, not as it was measured, or not whole.
@Suite struct VerifyTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    let experiment = """
      {"data": {"kind": "coupling", "train": 32, "test": 8, "size": 6, "calibrationImages": 256},
       "network": {"network": "probe", "width": 4, "block": {"kind": "regular-conv"}},
       "training": {"epochs": 3, "batch": 16}, "seeds": 3}
      """
    let file = try scratch.write(experiment, to: "tiny.json")
    let outcome = try Tool.run(
      ["run", file, "--keep-weights", "--keep-epochs", "2", "--results", "R", "--quiet"],
      in: scratch.url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
  }

  private func verify(_ options: String = "--sample 0") throws -> Tool.Outcome {
    try Tool.shell("continuum verify R --quiet \(options)", in: scratch.url)
  }

  private func files(_ folder: String) throws -> [String] {
    let path = scratch.url.appending(path: folder).path
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map {
      "\(path)/\($0)"
    }
  }

  /// Lets every run say something else, under a checksum that fits.
  private func change(_ mutate: (inout RunRecord) -> Void) throws {
    for file in try files("R/runs") {
      var record = try RunRecord(contentsOf: file)
      mutate(&record)
      try record.write(to: file)
    }
  }

  /// The least that one value of a curve can be another.
  private static func nudge(_ record: inout RunRecord) {
    guard var curve = record.curves["train/loss"] else { return }
    curve[0] = curve[0].nextUp
    record.curves["train/loss"] = curve
  }

  private func flipByte(_ file: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: file))
  }

  /// Nothing looked at is not nothing wrong.
  @Test(arguments: ["runs", "experiments", "checkpoints", "weights"])
  func aFolderThatCannotBeListedIsAFault(_ name: String) throws {
    _ = try Tool.shell("rm -rf R/\(name); echo x > R/\(name)", in: scratch.url)
    let outcome = try verify()
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("R/\(name): cannot be listed as a folder"))
  }

  @Test func aFolderWithoutRunsIsRefused() throws {
    let outcome = try Tool.shell("mkdir -p E/runs; continuum verify E", in: scratch.url)
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("must be a results folder; it holds no runs"))
  }

  @Test func whatIsWholeIsFoundToBe() throws {
    let outcome = try verify("--sample 2 --seed 5")
    #expect(outcome.exitCode == 0, "\(outcome.output)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "R: 3 run files, 3 files of kept weights, 1 experiment")
    #expect(lines.count { $0.hasSuffix(": every bit the same") } == 2, "\(outcome.output)")
    #expect(lines.last == "nothing is wrong")
    #expect(try verify("--sample 2 --seed 5").output == outcome.output)
    let json = try Tool.shell(
      "continuum verify R --sample 1 --format json --quiet", in: scratch.url)
    let read = try JSON(text: json.output, source: "output")
    #expect(read["sound"] == true && read["files.runs"] == 3 && read["faults"] == [])
    guard case .array(let repeated)? = read["repeated"] else {
      return #expect(Bool(false), "\(json.output)")
    }
    #expect(repeated.count == 1 && repeated[0]["same"] == true)
  }

  @Test func everyDamagedFileIsNamed() throws {
    let (runs, experiments) = (try files("R/runs"), try files("R/experiments"))
    let weights = try files("R/weights").flatMap {
      try files("R/weights/\(URL(fileURLWithPath: $0).lastPathComponent)")
    }
    let checkpoints = scratch.url.appending(path: "R/checkpoints")
    try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
    let checkpoint = checkpoints.appending(path: "0123456789abcdef.h5").path
    try FileManager.default.copyItem(atPath: runs[1], toPath: checkpoint)
    try flipByte(runs[0])
    try flipByte(weights[0])
    let text = try String(contentsOfFile: experiments[0], encoding: .utf8)
    try text.replacing("\"name\" : \"tiny\"", with: "\"name\" : \"tinz\"")
      .write(toFile: experiments[0], atomically: true, encoding: .utf8)
    let outcome = try verify()
    #expect(outcome.exitCode == 1)
    #expect(outcome.messages == "continuum verify: R: 4 faults; see above\n")
    for file in [runs[0], weights[0], experiments[0], checkpoint] {
      let name = URL(fileURLWithPath: file).lastPathComponent
      #expect(outcome.output.contains("\(name): "), "\(file): \(outcome.output)")
    }
    let id = URL(fileURLWithPath: runs[0]).deletingPathExtension().lastPathComponent
    #expect(
      outcome.output.contains("\nthe next `continuum run` does:\n  \(id): tinz, seed "),
      "\(outcome.output)")
  }

  @Test func filesWithoutChecksumOrOfOtherNamesAreNamed() throws {
    let runs = try files("R/runs")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: runs[0]))
    try bytes.dropLast(24).write(to: URL(fileURLWithPath: runs[0]))
    try FileManager.default.moveItem(atPath: runs[1], toPath: "\(runs[1]).h5")
    try FileManager.default.removeItem(atPath: runs[2])
    let outcome = try verify()
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("ends in no checksum"), "\(outcome.output)")
    #expect(outcome.output.contains("is not named after it"), "\(outcome.output)")
    #expect(outcome.output.contains(": not begun"), "\(outcome.output)")
  }

  /// The sum fits, and yet nobody measured it.
  @Test func aNumberThatPredictionsContradictIsFound() throws {
    try change { record in
      record.metrics["test/top1"] = 0.9375
      record.curves["test/top1"]?[2] = 0.9375
    }
    let outcome = try verify()
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("of 8 predictions are right"), "\(outcome.output)")
  }

  @Test func aCurveThatTheRunDoesNotGiveIsFoundByMakingItAgain() throws {
    try change { Self.nudge(&$0) }
    #expect(try verify().exitCode == 0)
    let outcome = try verify("--sample 1")
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains(": value 1 of the curve train/loss was "), "\(outcome.output)")
    #expect(outcome.output.contains("; made by "), "\(outcome.output)")
  }

  @Test func aWeightThatTheRunDoesNotGiveIsFoundByMakingItAgain() throws {
    try change { $0.weights[0].values = $0.weights[0].values.map(\.nextUp) }
    let outcome = try verify("--sample 1")
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.output.contains(
        ": the weights \(try RunRecord(contentsOf: files("R/runs")[0]).weights[0].path) are others"),
      "\(outcome.output)")
  }

  /// Another level has other last bits: that is no fault, and is said.
  @Test func runsOfOtherKernelsAreNotComparable() throws {
    try change { record in
      Self.nudge(&record)
      record.provenance.sessions[0].level = "another level"
    }
    let outcome = try verify("--sample 3")
    #expect(outcome.exitCode == 0, "\(outcome.output)")
    #expect(!outcome.output.contains("made again"))
    #expect(
      outcome.output.contains(
        "3 runs not comparable bit for bit: made with kernels another level, and here is "),
      "\(outcome.output)")
  }

  @Test func dataThatChangedAreFound() throws {
    for (label, name) in ["cat", "dog"].enumerated() {
      let folder = scratch.url.appending(path: "pictures/\(name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for index in 0..<4 { try addPicture("\(name)/\(index)", grey: UInt8(40 * label + index)) }
    }
    let trained = try Tool.shell(
      """
      continuum train '{"network": "probe", "width": 4}' --dataset image-folder --batch 2 \
      --set data.path=pictures --set data.preprocessing.size=8 --epochs 1 --results P --quiet
      """, in: scratch.url)
    try #require(trained.exitCode == 0, "\(trained.messages)")
    let verify = "continuum verify P --quiet"
    let sound = try Tool.shell(verify, in: scratch.url)
    #expect(sound.exitCode == 0, "\(sound.output)")
    #expect(sound.output.contains("image-folder data at pictures: those that 1 runs saw"))
    #expect(sound.output.contains(": every bit the same"), "\(sound.output)")
    try addPicture("cat/0", grey: 200)
    let changed = try Tool.shell(verify, in: scratch.url)
    // A picture of another size makes the folder another one, by name and size.
    #expect(changed.exitCode == 1 || changed.output.contains("cannot be made again here"))
    #expect(!changed.output.contains("every bit"), "\(changed.output)")
    try FileManager.default.removeItem(at: scratch.url.appending(path: "pictures"))
    let gone = try Tool.shell(verify, in: scratch.url)
    #expect(gone.exitCode == 0 && gone.output.contains("1 of the runs cannot be made again here"))
  }

  private func addPicture(_ name: String, grey: UInt8) throws {
    try Picture(height: 8, width: 8, pixels: Array(repeating: grey, count: 192))
      .write(png: scratch.url.appending(path: "pictures/\(name).png").path)
  }

  @Test func whatIsNoResultsFolderIsRefused() throws {
    let outcome = try Tool.shell("continuum verify nowhere", in: scratch.url)
    #expect(outcome.exitCode == 2)
    #expect(
      outcome.messages
        == "continuum verify: nowhere: must be a results folder; it holds no runs\n")
  }
}
