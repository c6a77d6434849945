// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Records

/// Reads files of ours with the programs that researchers use. Where `make testdeps` has not
/// installed them, these tests are skipped; `.ci/run` skips none.
@Suite struct PythonTests {
  private static let skipsNothing =
    ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
  /// The first Python that has h5py; Debian's package serves Debian's Python alone.
  private static let python =
    ["python3", "/usr/bin/python3"].first { succeeds([$0, "-c", "import h5py"]) }
  private static let hasH5py = skipsNothing || python != nil
  private static let hasH5dump = skipsNothing || succeeds(["h5dump", "--version"])

  @Test(.enabled(if: hasH5py, "no h5py here; make testdeps installs it"))
  func h5pyReadsWhatTheSchemaSays() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    var failed = Samples.run(seed: 4)
    failed.status = .failed(reason: "the loss is not finite")
    (failed.budget, failed.predictions, failed.weights) = (nil, nil, [])
    try failed.write(to: folder.file("failed.h5"))
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("read_with_h5py.py").path
    let (status, output) = try launch(
      [Self.python ?? "python3", script, folder.file("run.h5"), folder.file("failed.h5")])
    #expect(status == 0)
    let lines = output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines.first
        == #"""
        {"curves": {"learningRate": 0, "test/top1": 2, "train/loss": 6}, "id": "9f2c", \#
        "labels": [["segments", "4"], ["block", "segmented-inception"], ["between", ""]], \#
        "metrics": {"test/loss": "nan", "test/top1": "0.875"}, \#
        "seed": 3}
        """#)
  }

  @Test(.enabled(if: hasH5py, "no h5py here; make testdeps installs it"))
  func fileThatPythonEditedHasLostItsSealAndIsNotTrusted() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let edit = "import h5py,sys; h5py.File(sys.argv[1],'r+').attrs['note'] = 'seen'"
    #expect(try launch([Self.python ?? "python3", "-c", edit, folder.file("run.h5")]).status == 0)
    let error = #expect(throws: RecordError.self) {
      try RunRecord(contentsOf: folder.file("run.h5"))
    }
    #expect(error?.rule.hasPrefix("has no seal at its end") == true)
    let root = try HDF5File(reading: folder.file("run.h5")).root
    #expect(try root.attributes.text("note") == "seen")
  }

  @Test(.enabled(if: hasH5dump, "no h5dump here; make testdeps installs it"))
  func h5dumpReadsEverything() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let (status, output) = try launch(["h5dump", folder.file("run.h5")])
    #expect(status == 0)
    #expect(output.contains("continuum-run/1"))
    #expect(output.contains("H5T_IEEE_F64LE"))
  }
}

private func succeeds(_ words: [String]) -> Bool {
  (try? launch(words).status) == 0
}

private func launch(_ words: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = words
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
