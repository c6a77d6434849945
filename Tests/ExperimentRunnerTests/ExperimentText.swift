// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Settings

/// A folder that is removed with its owner.
final class ScratchFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("continuum-runner-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }
}

/// Experiment files as text.
enum ExperimentText {
  /// Runs of 6 epochs of 8 steps on textures that take no time to make.
  static let base = """
    {
      // Comments are allowed.
      "question": "Does it hold?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 128, "test": 64,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 6, "block": {"kind": "separable-conv"}},
      "training": {"epochs": 6, "batch": 16, "averaging": 0.9,
        "optimizer": {"kind": "adamw", "learningRate": 0.01}},
      "seeds": 1,
    }
    """

  /// Reads a text as the file `question/experiment.json`.
  static func experiment(
    _ text: String = base, overrides: [String] = []
  ) throws -> Experiment {
    let scratch = try ScratchFolder()
    let folder = scratch.url.appendingPathComponent("question")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: folder.appendingPathComponent("experiment.json"))
    return try Experiment(path: folder.path, overrides: overrides)
  }

  static func runs(_ overrides: String...) throws -> [PlannedRun] {
    try experiment(overrides: overrides).runs()
  }

  /// The message of reading and planning, without the folder's path, or `no error`.
  static func message(_ text: String = base, overrides: [String] = []) throws -> String {
    do {
      _ = try experiment(text, overrides: overrides).runs()
      return "no error"
    } catch let error as SettingsError {
      return error.description.replacing(#/.*question\/experiment\.json/#, with: "FILE")
    }
  }
}
