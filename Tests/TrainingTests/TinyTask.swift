// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ModelZoo
import RandomStreams
import Settings
import TestSupport
import Training

/// A task that a network learns in seconds: every class has a picture, every image is one with noise.
enum TinyTask {
  static let size = ImageSize(height: 6, width: 5, channels: 3)
  static let classes = 4

  static func images(
    _ count: Int, _ name: String, classes: Int = classes, noise: Float = 0.5
  ) -> ImageSet {
    let labels = (0..<count).map { $0 % classes }
    let pictures: [Float] = RealData.normal(classes * size.count, "pictures")
    let disturbance: [Float] = RealData.normal(count * size.count, name, deviation: noise)
    let pixels = disturbance.indices.map { index in
      let label = labels[index / size.count]
      return pictures[label * size.count + index % size.count] + disturbance[index]
    }
    return ImageSet(
      size: size, classNames: (0..<classes).map { "class \($0)" }, labels: labels,
      pixels: .floats(pixels))
  }

  static func splits(
    train: Int = 24, validation: Int? = nil, test: Int = 9, classes: Int = classes
  ) -> DatasetSplits {
    DatasetSplits(
      name: "tiny", train: images(train, "train", classes: classes),
      validation: validation.map { images($0, "validation", classes: classes) },
      test: images(test, "test", classes: classes))
  }

  static func graph(
    _ network: JSON = ["network": "probe", "width": 8], classes: Int = classes
  ) throws -> Graph {
    let input = Shape(height: size.height, width: size.width, channels: size.channels)
    return try NetworkDescription(network, source: "test").graph(input: input, classes: classes)
  }

  static func settings(_ json: JSON) throws(SettingsError) -> TrainingSettings {
    try TrainingSettings(Fields(json, source: "test"))
  }

  /// A stack with dropout, the more demanding network.
  static let stack: JSON = [
    "network": "stack", "width": 4, "stages": 2, "unitsPerStage": 1, "dropout": 0.25,
    "block": ["kind": "segmented-inception", "segments": 2, "between": "relu"],
  ]

  /// Everything that has a state: momentum, averaging, dropout, augmentation, validation.
  static func trainer(
    _ settings: JSON, network: JSON = stack, seed: UInt64 = 3, threads: Int = 1,
    alternates: Bool = false, data: DatasetSplits = splits(validation: 7)
  ) throws -> Trainer {
    try Trainer(
      graph(network), data: data, standardization: Standardization(of: data.train),
      augmentation: Augmentation(flip: true, alternates: alternates, cropPadding: 1),
      settings: self.settings(settings), seed: seed, threads: threads)
  }
}
