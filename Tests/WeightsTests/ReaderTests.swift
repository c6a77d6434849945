// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Testing

@testable import Weights

/// Files that a child process reads; the child here is the built tool.
@Suite struct ReaderTests {
  static let tool: String = {
    let beside = Bundle.main.executableURL?.deletingLastPathComponent()
    let folder = beside ?? URL(fileURLWithPath: ".build/release")
    return folder.appending(path: "continuum").path
  }()
  static let child = WeightFile.Reading.elsewhere(command: [tool, "weight-reader", "--"])

  @Test(arguments: Fixtures.tiny) func childHandsOverTheSame(name: String) throws {
    let graph = try Fixtures.tinyGraph()
    let here = try WeightFile(Fixtures.path(name))
    let there = try WeightFile(Fixtures.path(name), reading: Self.child)
    #expect(there.outline == here.outline)
    let (own, other) = (try ParameterMemory(graph), try Fixtures.filled(graph))
    _ = try here.load(into: own, of: graph)
    _ = try there.load(into: other, of: graph)
    #expect(own.numbers == other.numbers)
  }

  @Test func errorsComeThroughWhole() throws {
    for path in ["/nowhere.h5", "/", #filePath] {
      let here = #expect(throws: WeightError.self) { try WeightFile(path) }
      let there = #expect(throws: WeightError.self) { try WeightFile(path, reading: Self.child) }
      #expect(here == there)
    }
  }

  @Test func arraysThatNobodyWantsArePassedOver() throws {
    let file = try WeightFile(Fixtures.path("tiny.keras3.weights.h5"), reading: Self.child)
    var read: [Int: Int] = [:]
    try file.read(where: { $0 % 2 == 0 }) { read[$0] = $1.count }
    #expect(read == [0: 4, 2: 4, 4: 108, 6: 5, 8: 24])
  }

  /// A child that crashes, hangs up, or says what no reader says.
  @Test(arguments: [
    "kill -SEGV $$", "exit 0", "exit 3", "echo nonsense",
    "printf '\\001\\377\\377\\377'; cat /dev/zero",
    "printf '\\001\\002\\000\\000\\000\\000\\000\\000\\000{}'",
    "printf '\\002\\004\\000\\000\\000\\000\\000\\000\\0000000'",
    "printf '\\003\\377\\377\\377\\377\\377\\377\\377\\377'; cat /dev/zero",
  ])
  func childThatFailsIsOneMessage(script: String) throws {
    let path = Fixtures.path("tiny.keras3.weights.h5")
    let error = #expect(throws: WeightError.self) {
      try WeightFile(path, reading: .elsewhere(command: ["/bin/sh", "-c", script]))
    }
    #expect(error == WeightError(file: path, rule: "is damaged: HDF5 could not read it"))
  }

  @Test func childThatDiesInTheMiddleLoadsNothing() throws {
    let graph = try Fixtures.tinyGraph()
    let memory = try Fixtures.filled(graph)
    let before = memory.numbers
    let path = Fixtures.path("tiny.keras3.weights.h5")
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    for bytes in [1, 600, 1100, 1400] where bytes < size {
      let script = "\(Self.tool) weight-reader \"$0\" | head -c \(bytes)"
      let error = #expect(throws: WeightError.self, "\(bytes)") {
        try WeightFile(path, reading: .elsewhere(command: ["/bin/sh", "-c", script]))
          .load(into: memory, of: graph)
      }
      #expect(error?.rule == "is damaged: HDF5 could not read it")
    }
    #expect(memory.numbers == before)
  }

  @Test func programThatIsNotThereIsNamed() throws {
    let error = #expect(throws: WeightError.self) {
      try WeightFile(
        Fixtures.path("tiny.keras3.weights.h5"), reading: .elsewhere(command: ["/no/program"]))
    }
    #expect(error?.rule == "cannot be read: /no/program does not start")
  }

  @Test func nothingIsLeftOfAnArchive() throws {
    let folder = try ScratchFolder()
    let path = Fixtures.path("tiny.keras3.keras")
    // In a process of its own, which alone looks for temporary files there; the second reads in a child.
    for words in [["weight-reader", "--", path], ["weights", "inspect", path]] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.tool)
      process.arguments = words
      process.environment = ProcessInfo.processInfo.environment
        .merging(["TMPDIR": folder.path]) { $1 }
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}
