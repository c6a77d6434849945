// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Testing

@testable import ExperimentRunner

/// Finished runs are not passed over where their data are damaged, or cannot be compared.
@Suite struct DataCheckTests {
  /// A finished run on CIFAR-10 whose file tells no digest, as those of before do.
  private static func finished(in scratch: ScratchFolder) throws -> (ResultsFolder, [PlannedRun]) {
    let runs = try ExperimentText.runs(
      #"data={"kind": "cifar-10"}"#, "network={network: \"probe\"}")
    let results = ResultsFolder(path: scratch.url.path)
    try results.make()
    try Data("before".utf8).write(to: URL(fileURLWithPath: results.run(runs[0].id)))
    return (results, runs)
  }

  @Test func dataThatAreNotAtHandAreTold() throws {
    let scratch = try ScratchFolder()
    let (results, runs) = try Self.finished(in: scratch)
    let notes = try DataCheck(results).check(runs, directory: "\(scratch.url.path)/nowhere")
    #expect(notes == ["cifar-10 data not at hand: not compared with what runs saw"])
    try FileManager.default.removeItem(atPath: results.run(runs[0].id))
    #expect(try DataCheck(results).check(runs, directory: "/nowhere").isEmpty)
  }

  @Test func damagedPublishedDataAreAnError() throws {
    let scratch = try ScratchFolder()
    let (results, runs) = try Self.finished(in: scratch)
    let folder = scratch.url.appendingPathComponent("data/cifar-10-batches-bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in (1...5).map({ "data_batch_\($0)" }) + ["test_batch"] {
      try Data(count: 3073 * 10_000).write(to: folder.appendingPathComponent("\(name).bin"))
    }
    #expect(throws: DatasetError.self) {
      try DataCheck(results).check(runs, directory: "\(scratch.url.path)/data")
    }
  }
}
