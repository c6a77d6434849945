// SPDX-License-Identifier: Apache-2.0

import Downloads
import Settings

extension Coupling: Dataset {
  static let key = "coupling"
  static let origin = DatasetOrigin.code
  static let source = DatasetSource(
    name: "coupling",
    summary: "textures whose channels and space are coupled to a chosen degree, 16×16×8, "
      + "8 classes", place: "made in code")

  init(
    _ fields: inout Fields, _ options: inout DatasetOptions, preprocessing: PicturePreprocessing
  ) throws(SettingsError) {
    try options.readStandardize(&fields)
    // Read to be refused with the reason.
    try options.readAugmentation(&fields, default: nil)
    fields.undeclare("augmentation")
    fields.leaveOut("augmentation")
    try self.init(&fields)
    if options.augmentation != nil {
      throw fields.error(
        "augmentation", "must be absent: a mirrored or cut texture leaves its class")
    }
    options.seed = seed
  }

  var trainingCount: Int { train }
  var testingCount: Int { test }
  var valueBytes: Int { MemoryLayout<Float>.stride }

  func load(
    _ options: DatasetOptions, directory: String?, hashing: Hashing
  ) throws(DatasetError) -> DatasetContents {
    let templates = try CouplingTemplates(self)
    let calibration = try CouplingCalibration.of(self)
    let images = CouplingImages(templates, sigma: calibration.sigma)
    let train = images.draw("train", count: train)
    let test = images.draw("test", count: test)
    let rule = CouplingRule(templates, sigma: calibration.sigma)
    let facts = [
      "lambda": lambda, "sigma": calibration.sigma,
      "bestPossibleAccuracy": calibration.accuracy,
      "bestPossibleAccuracyError": calibration.accuracyError,
      "bestPossibleAccuracyOnTest": rule.accuracy(on: test),
    ]
    return DatasetContents(
      train: train, test: test, facts: facts, digest: try Self.digest(of: [train, test]))
  }

  func isAtHand(_ options: DatasetOptions, directory: String?) -> Bool { true }

  func digestAtHand(_ options: DatasetOptions, directory: String?) -> String? { nil }

  func place(_ options: DatasetOptions, directory: String?) -> String? { nil }

  /// Of images in memory: their values and labels, set after set.
  static func digest(of sets: [ImageSet]) throws(DatasetError) -> String {
    do {
      let checksum = try Checksum(.sha256)
      for set in sets {
        checksum.add(values: set.labels.map(Int32.init))
        switch set.pixels {
        case .bytes(let values): checksum.add(values: values)
        case .floats(let values): checksum.add(values: values)
        case .files: preconditionFailure("pictures in files are hashed as files")
        }
      }
      return checksum.digits()
    } catch {
      throw DatasetError(error)
    }
  }
}
