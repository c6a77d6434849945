// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Synchronization
import TestSupport
import Testing

/// Damage that can be noticed is: the tool ends with 2 and one message, and takes little memory.
///
/// Of the damaged files a sample is tried, all of them by `make damage`.
@Suite("damage")
struct DamageTests {
  private static let mostBytes = 1_000_000_000

  /// What one run of the tool on a damaged file must be like.
  private static func fault(_ outcome: Tool.Outcome, path: String) -> String? {
    if outcome.wasKilled { return "signal \(outcome.exitCode)" }
    if outcome.exitCode != 2 { return "exit \(outcome.exitCode), \(outcome.messages)" }
    if !outcome.output.isEmpty { return "output: \(outcome.output)" }
    // A list of what does not fit stands under its message; nothing else has a second line.
    let messages = outcome.messageLines.filter { $0.hasPrefix("continuum") }
    let isList = outcome.messageLines.dropFirst().first?.contains("in the file") == true
    guard messages.count == 1, outcome.messageLines.count == 1 || isList,
      let message = outcome.messageLines.first, message.contains(path)
    else { return "says \(outcome.messages)" }
    return outcome.peakBytes < mostBytes ? nil : "took \(outcome.peakBytes) bytes"
  }

  /// Makes the damaged file under a name, and returns its path.
  private typealias Write = (_ name: String) throws -> String

  /// Runs the tool on a sample of the files or on all, several at a time; it may leave nothing behind.
  ///
  /// - Parameters:
  ///   - name: what the files are.
  ///   - words: prepares a folder for one file, and returns what the tool is asked.
  private func check(
    _ files: [DamagedFile], _ name: String, in scratch: ScratchFolder,
    words: @Sendable (_ folder: URL, _ write: Write) throws -> [String]
  ) {
    let files = DamagedFile.tried(files, name)
    // A child is charged with what its parent once had.
    PeakMemory.reset()
    let faults = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: files.count) { index in
      let folder = scratch.url.appending(path: "\(index)")
      var fault: String?
      do {
        var path = ""
        let temporary = folder.appending(path: "temporary")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let words = try words(folder) { name in
          path = folder.appending(path: name).path
          try Data(files[index].bytes).write(to: URL(fileURLWithPath: path))
          return path
        }
        let outcome = try Tool.run(words, temporary: temporary)
        fault = Self.fault(outcome, path: path)
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
        if !left.isEmpty { fault = "leaves \(left)" }
        try FileManager.default.removeItem(at: folder)
      } catch {
        fault = "\(error)"
      }
      if let fault { faults.withLock { $0.append("\(files[index].name): \(fault)") } }
    }
    #expect(faults.withLock { $0 } == [])
  }

  @Test("every damaged weight file is refused in one message")
  func weights() throws {
    let folder = try ScratchFolder()
    let files = DamagedFile.distinct(try DamagedWeights.all(in: folder))
    #expect(files.count >= 1000)
    check(files, "weights", in: folder) { _, write in
      ["weights", "inspect", try write("damaged.h5")]
    }
  }

  @Test("every weight file of wrong shapes is refused in one message")
  func shapes() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    let sound = folder.url.appending(path: "probe_kernels.h5").path
    let outcome = try Tool.run(["weights", "convert", "probe.h5", sound], in: folder.url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let files = DamagedFile.distinct(try WrongWeights.variants(of: sound, in: folder))
    check(files, "shapes", in: folder) { folder, write in
      let never = folder.appending(path: "never.h5").path
      return ["weights", "convert", try write("wrong.h5"), never, "--network", "probe"]
    }
  }

  @Test("every damaged picture is refused in one message")
  func pictures() throws {
    let folder = try ScratchFolder()
    let files = DamagedFile.distinct(try DamagedPictures.all())
    #expect(files.count >= 1000)
    let sound = WeightFiles.golden.appending(path: "pictures/grey-1.png")
    check(files, "pictures", in: folder) { folder, write in
      for name in ["train/a", "train/b", "test/a", "test/b"] {
        let place = folder.appending(path: "set/\(name)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: sound, to: place.appending(path: "sound.png"))
      }
      _ = try write("set/train/b/damaged.png")
      return [
        "data", "verify", "image-folder", "--set", "path=\(folder.path)/set", "--quiet", "--strict",
      ]
    }
  }

  @Test("predict refuses a damaged picture in one message")
  func predict() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    let weights = folder.url.appending(path: "probe.h5").path
    check(Damage.spread(try DamagedPictures.all(), 40), "predict", in: folder) { folder, write in
      let picture = try write("damaged.png")
      return ["predict", "probe", "--weights", weights, "--input", picture, "--quiet", "--strict"]
    }
  }

  @Test("predict refuses a damaged HDF5 file of images in one message")
  func images() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    let weights = folder.url.appending(path: "probe.h5").path
    let sound = try folder.writeImages()
    let unsealed = Array(sound.dropLast(42))
    let truncated = DamagedFile.truncations("images.h5", unsealed, count: 20)
    let flipped = DamagedFile.flips("images.h5", sound, in: Array(sound.indices), count: 20)
    check(truncated + flipped, "images", in: folder) { _, write in
      ["predict", "probe", "--weights", weights, "--input", try write("images.h5"), "--quiet"]
    }
  }
}

extension ScratchFolder {
  /// An HDF5 file of two small images for a probe, sealed.
  func writeImages() throws -> [UInt8] {
    let file = url.appending(path: "images.h5")
    try HDF5File.write(to: file.path) { (root) throws(RecordError) in
      let values = (0..<6144).map { index in Float(index % 97) / 97 }
      try root.write(values, shape: [2, 32, 32, 3], to: "images")
    }
    return [UInt8](try Data(contentsOf: file))
  }
}
