import Foundation
import Testing

@testable import Records

/// Reads files of ours with the programs that researchers use.
@Suite struct PythonTests {
  @Test(.enabled(if: succeeds(["python3", "-c", "import h5py"]), "Python has no h5py here"))
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
      ["python3", script, folder.file("run.h5"), folder.file("failed.h5")])
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

  @Test(.enabled(if: succeeds(["python3", "-c", "import h5py"]), "Python has no h5py here"))
  func fileThatPythonEditedIsReadWithoutItsSeal() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let edit = "import h5py,sys; h5py.File(sys.argv[1],'r+').attrs['note'] = 'seen'"
    #expect(try launch(["python3", "-c", edit, folder.file("run.h5")]).status == 0)
    let read = try RunRecord(contentsOf: folder.file("run.h5"))
    #expect(read.bits == Samples.run().bits)
    let root = try HDF5File(reading: folder.file("run.h5")).root
    #expect(try root.attributes.text("note") == "seen")
  }

  @Test(.enabled(if: succeeds(["h5dump", "--version"]), "h5dump is not installed"))
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
