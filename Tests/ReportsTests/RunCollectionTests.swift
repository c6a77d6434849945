// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

/// Run files of one or more folders: each run once, damaged files left out, contradictions named.
@Suite struct RunCollectionTests {
  private let scratch = FileManager.default.temporaryDirectory
    .appendingPathComponent("run-collection-\(UUID().uuidString)")

  /// Writes runs into a results folder.
  private func results(_ name: String, _ runs: [RunRecord]) throws -> String {
    let folder = scratch.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("runs"), withIntermediateDirectories: true)
    for run in runs { try run.write(to: "\(folder.path)/runs/\(run.id).h5") }
    return folder.path
  }

  private func refusal(_ folders: String...) -> String {
    let error = #expect(throws: ReportError.self) { try RunCollection(folders: folders) }
    return error?.description ?? ""
  }

  private static let runs = [1, 2, 3, 4].map {
    SyntheticRuns.run(block: "regular-conv", seed: $0, top1: 0.5)
  }

  @Test func aCopyOfAFileCountsOnce() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    for run in Self.runs { try run.write(to: "\(folder)/runs/copy-of-\(run.id).h5") }
    let table = try ResultTable(RunCollection(folders: [folder]))
    #expect(table.points.map(\.finished.count) == [4])
  }

  @Test func copiesThatDifferAreAnErrorThatNamesBoth() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    var other = Self.runs[0]
    other.metrics["test/top1"] = 0.75
    try other.write(to: "\(folder)/runs/z.h5")
    let text = refusal(folder)
    #expect(text.contains("\(folder)/runs/\(other.id).h5 and \(folder)/runs/z.h5"))
    #expect(text.contains("differ"))
  }

  /// Another version of the program may record more.
  @Test func aCopyThatKnowsMoreIsACopy() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    var other = Self.runs[0]
    other.metrics["train/top5"] = 0.75
    try other.write(to: "\(folder)/runs/z.h5")
    #expect(try RunCollection(folders: [folder]).records.count == Self.runs.count)
  }

  @Test func copiesThatPredictOtherwiseAreAnErrorThatNamesBoth() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", [])
    var run = Self.runs[0]
    for (name, predicted) in [("x", [0, 1, 1]), ("y", [0, 1, 1]), ("z", [0, 1, 0])] {
      run.predictions = RunRecord.Predictions(
        labels: [0, 1, 2], predicted: predicted.map { Int32($0) }, classes: 3)
      try run.write(to: "\(folder)/runs/\(name).h5")
    }
    #expect(refusal(folder).contains("\(folder)/runs/x.h5 and \(folder)/runs/z.h5"))
    try FileManager.default.removeItem(atPath: "\(folder)/runs/z.h5")
    run.predictions = nil
    try run.write(to: "\(folder)/runs/w.h5")
    #expect(try RunCollection(folders: [folder]).records.count == 1)
  }

  @Test func anIdentifierIsThatOfItsConfiguration() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    var run = Self.runs[0]
    run.id = "0123456789abcdef"
    let folder = try results("a", [run])
    let text = refusal(folder)
    #expect(text.contains("\(folder)/runs/\(run.id).h5: its identifier 0123456789abcdef is not"))
    #expect(text.contains(Self.runs[0].id))
    // Beside others it is left out, as any damaged file is.
    let beside = try RunCollection(folders: [results("b", [run, Self.runs[1]])])
    #expect(beside.records.map(\.id) == [Self.runs[1].id])
    #expect(beside.damaged.count == 1)
  }

  @Test func aCopyUnderAnotherNameIsSeenBeforeASweep() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    let runs = Set(Self.runs.map(\.id))
    try RunCollection.checkStrayFiles(in: folder, runs: runs)
    let own = "\(folder)/runs/\(Self.runs[0].id).h5"
    try FileManager.default.copyItem(atPath: own, toPath: "\(folder)/runs/copy.h5")
    try RunCollection.checkStrayFiles(in: folder, runs: runs)
    var other = Self.runs[0]
    other.metrics["test/top1"] = 0.9
    try other.write(to: "\(folder)/runs/copy.h5")
    func message() -> String {
      let error = #expect(throws: ReportError.self) {
        try RunCollection.checkStrayFiles(in: folder, runs: runs)
      }
      return error?.description ?? ""
    }
    #expect(message().contains("\(own) and \(folder)/runs/copy.h5 are both the run"))
    try FileManager.default.removeItem(atPath: own)
    #expect(message().contains("copy.h5 holds the run \(other.id), which would be made again"))
  }

  @Test func oneConfigurationUnderTwoIdentifiersIsAnErrorThatNamesBoth() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    var spaced = Self.runs[0]
    spaced.configuration = spaced.configuration.replacing("\"seed\":0", with: "\"seed\": 0")
    spaced.id = RunRecord.identifier(of: spaced.configuration)
    let text = refusal(try results("a", [Self.runs[0], spaced]))
    #expect(text.contains("\(spaced.id).h5") && text.contains("\(Self.runs[0].id).h5"))
    #expect(text.contains("same configuration and seed under two identifiers"))
  }

  @Test func budgetsWithoutARecordOfWhatWasAskedAreSaid() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    let bare = try ResultTable(RunCollection(folders: [folder])).notes.joined()
    #expect(bare.contains("The record of what was asked of the runs is missing"))
    #expect(bare.contains("under the budget that each run's file names, that of whoever asked"))
    func write(_ runs: [RunRecord], _ id: String) throws {
      try ExperimentRecord(
        name: "rates", question: "?", asked: "2026-12-01", experiment: "{}",
        points: [
          ExperimentRecord.Point(
            budget: runs[0].budget,
            runs: runs.map { ExperimentRecord.Run(seed: $0.seed, id: $0.id) })
        ]
      ).write(in: folder, id: id)
    }
    try write(Array(Self.runs.prefix(3)), "e")
    let some = try ResultTable(RunCollection(folders: [folder])).notes.joined()
    #expect(some.contains("asked of 1 of 4 runs is missing"))
    try write(Self.runs, "f")
    let all = try ResultTable(RunCollection(folders: [folder])).notes.joined()
    #expect(!all.contains("is missing"))
  }

  @Test func foldersAreNamedInOneOrder() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folders = try [
      results("half1", Self.runs), results("half2", Self.runs.reversed()),
    ]
    for order in [folders, folders.reversed()] {
      let points = try ResultTable(RunCollection(folders: Array(order))).points
      #expect(points.map(\.folders) == [["half1", "half2"]])
    }
  }

  /// The same run made twice, in another place at another time, is the same run.
  @Test func whereARunWasMadeMakesNoDifference() throws {
    var other = Self.runs[0]
    other.experiment = "another"
    other.provenance.processor = "another"
    other.curves["train/loss"] = [.nan]
    var first = other
    first.experiment = "quick_start"
    #expect(try RunCollection(records: [first, other]).records.count == 1)
  }

  @Test func severalFoldersShareRunsAndSayWhere() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let extreme = SyntheticRuns.run(block: "extreme-inception", seed: 1, top1: 0.6)
    let first = try results("a", Array(Self.runs.prefix(3)))
    let second = try results("b", Array(Self.runs.suffix(2)) + [extreme])
    let runs = try RunCollection(folders: [first, second + "/runs"])
    let table = try ResultTable(runs)
    #expect(table.points.map(\.finished.count) == [4, 1])
    #expect(table.points.map(\.folders) == [["a", "b"], ["b"]])
    #expect(table.rendered(as: .markdown).hasPrefix("| folder "))
    #expect(table.rendered(as: .csv).contains("\n\"a, b\",regular-conv,"))
    var query = ResultQuery()
    query.conditions = ["folder=a"]
    #expect(try ResultTable(runs, query: query).points.map(\.finished.count) == [3])
    let same = try ResultTable(RunCollection(folders: [first, first]))
    #expect(!same.rendered(as: .markdown).contains("folder"))
  }

  @Test func aDamagedFileIsNamedAndLeftOut() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    let file = "\(folder)/runs/\(Self.runs[3].id).h5"
    try Data("no run".utf8).write(to: URL(fileURLWithPath: file))
    let point = ExperimentRecord.Point(
      budget: Self.runs[0].budget,
      runs: Self.runs.map { ExperimentRecord.Run(seed: $0.seed, id: $0.id) })
    try ExperimentRecord(
      name: "rates", question: "?", asked: "2026-12-01", experiment: "{}", points: [point]
    ).write(in: folder, id: "e")
    let runs = try RunCollection(folders: [folder])
    #expect(runs.damaged.count == 1)
    let table = try ResultTable(runs)
    #expect(table.points.map(\.finished.count) == [3])
    let note = try #require(table.notes.last)
    #expect(note.hasPrefix("Left out: \(file): "))
    let asked = "\(folder)/experiments/e.json"
    let command = "`continuum run \(asked) --results \(folder) --again \(Self.runs[3].id)`"
    #expect(note.contains(command), "\(note)")
  }

  @Test func whereNothingIsLeftIsAnError() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let empty = try results("empty", [])
    #expect(refusal(empty).contains("it holds none"))
    let folder = try results("a", [])
    try Data("no run".utf8).write(to: URL(fileURLWithPath: "\(folder)/runs/x.h5"))
    #expect(refusal(folder).contains("\(folder)/runs/x.h5"))
    #expect(refusal(folder).contains("no identifier of a run"))
    try FileManager.default.moveItem(
      atPath: "\(folder)/runs/x.h5", toPath: "\(folder)/runs/0123456789abcdef.h5")
    #expect(
      refusal("\(folder)/runs").contains(
        "the `continuum run` that wrote it, with --results \(folder) --again 0123456789abcdef,"))
    #expect(refusal("\(folder)/absent").contains("does not exist"))
  }

  @Test func aDamagedRecordOfAnExperimentStopsNothing() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    let folder = try results("a", Self.runs)
    try FileManager.default.createDirectory(
      atPath: "\(folder)/experiments", withIntermediateDirectories: true)
    try Data("{".utf8).write(to: URL(fileURLWithPath: "\(folder)/experiments/x.json"))
    let runs = try RunCollection(folders: [folder])
    #expect(runs.records.count == 4)
    #expect(runs.damaged.map(\.description).joined().contains("experiments/x.json"))
  }

  @Test func runsOfOneConfigurationOnDifferentDataAreAnError() throws {
    defer { try? FileManager.default.removeItem(at: scratch) }
    var runs = Self.runs
    for (index, digest) in ["aa", "aa", "bb"].enumerated() {
      runs[index].data = RunRecord.DataIdentity(digest: digest, train: 8, validation: 0, test: 8)
    }
    let folder = try results("a", runs)
    let text = refusal(folder)
    #expect(text.contains("\(folder)/runs/\(runs[2].id).h5") && text.contains(".h5 and "))
    #expect(text.contains("different data"))
    runs[2].data?.digest = "aa"
    #expect(try RunCollection(records: runs).records.count == 4)
  }
}

/// How a damaged file's run is made again: by the record of what was asked of its folder.
@Suite struct DamageRemedyTests {
  @Test func theRecordOfTheExperimentIsNamed() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("remedy 's \(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let id = "0123456789abcdef"
    let runs = folder.appendingPathComponent("runs")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    try Data("no run".utf8).write(to: runs.appendingPathComponent("\(id).h5"))
    let point = ExperimentRecord.Point(runs: [ExperimentRecord.Run(seed: 0, id: id)])
    try ExperimentRecord(
      name: "a", question: "?", asked: "2026-12-01", experiment: "{}", points: [point]
    ).write(in: folder.path, id: "e")
    let error = #expect(throws: ReportError.self) { try RunCollection(folders: [folder.path]) }
    let quoted = "'\(folder.path.replacingOccurrences(of: "'", with: "'\\''"))"
    let command = "`continuum run \(quoted)/experiments/e.json' --results \(quoted)' --again \(id)`"
    #expect(error?.description.contains(command) == true, "\(error?.description ?? "")")
  }
}
