// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Foundation
import ModelZoo
import Pictures
import RandomStreams
import Settings
import Testing
import Training

/// Training on pictures in files.
@Suite struct PictureTrainingTests {
  /// A folder that goes away with the test.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "continuum-training-\(UUID().uuidString)").path

    init() throws {
      for part in ["train", "test"] {
        for label in 0..<4 {
          let folder = "\(path)/\(part)/class\(label)"
          try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
          for index in 0..<6 { try write("\(folder)/\(index).png", label, index) }
        }
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ path: String, _ label: Int, _ index: Int) throws {
      var stream = RandomStream(seed: 1, path.suffix(20).description, label, index)
      let pixels = (0..<16 * 20 * 3).map { value in
        UInt8((value % 3 == label % 3 ? 90 + 20 * label : 20) + stream.integer(below: 60))
      }
      try Picture(height: 16, width: 20, pixels: pixels).write(png: path)
    }
  }

  private let folder: Folder
  private let data: DatasetSplits
  private let augmentation: Augmentation?

  init() throws {
    folder = try Folder()
    var fields = try Fields(
      [
        "kind": "image-folder", "path": .string(folder.path),
        "preprocessing": ["size": 6, "filter": "bicubic"],
      ], source: "test")
    var description = try DatasetDescription(&fields)
    try description.survey(directory: nil)
    data = try description.load(directory: nil)
    augmentation = description.augmentation
  }

  private func trainer(threads: Int) throws -> Trainer {
    let graph = try NetworkDescription(["network": "probe", "width": 8], source: "test")
      .graph(input: Shape(height: 6, width: 6, channels: 3), classes: 4)
    return try Trainer(
      graph, data: data, standardization: nil, augmentation: augmentation,
      settings: TinyTask.settings([
        "epochs": 3, "batch": 5, "optimizer": ["kind": "sgd", "learningRate": 0.1],
      ]), seed: 3, threads: threads)
  }

  @Test func anyThreadsAndAnyStopGiveTheSameBits() throws {
    let calm = try trainer(threads: 1)
    while !calm.isFinished { try calm.trainStep() }
    #expect(calm.curves["test/top1"]?.count == 3)
    for stop in [1, 4, 7] {
      let first = try trainer(threads: 3)
      while first.step < stop { try first.trainStep() }
      let second = try trainer(threads: 2)
      try second.restore(first.snapshot())
      while !second.isFinished { try second.trainStep() }
      let isSame = second.snapshot() == calm.snapshot()
      #expect(isSame, "stopped at step \(stop)")
      #expect(
        try second.evaluateOnTest().probabilities == calm.evaluateOnTest().probabilities)
    }
  }

  @Test func aDamagedPictureStopsTheRunByName() throws {
    let bad = "\(folder.path)/train/class2/3.png"
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: bad))
    let trainer = try trainer(threads: 2)
    var before = trainer.snapshot()
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished {
        before = trainer.snapshot()
        try trainer.trainStep()
      }
    }
    guard case .unreadableImage(let fault)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(fault.file == bad)
    #expect(error?.description.contains("must be a JPEG or PNG picture") == true)
    let isSame = trainer.snapshot() == before
    #expect(isSame)
  }
}
