// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import Settings

/// What several kinds of data sets are asked for alike.
struct DatasetOptions: Sendable {
  /// Training images held back for validation.
  var validation = 0
  /// Whether each channel gets mean 0 and deviation 1.
  var standardize = false
  /// Nil where nothing is augmented.
  var augmentation: Augmentation?
  /// Of the split and, for `coupling`, of the images.
  var seed = 0
  /// The folder or archive, instead of a search below the data folder.
  var path: String?
  /// How the files are meant to differ from those that were published: with such a text they are not
  /// compared, and a run is another run. Nil for the published ones.
  var variant: String?
  var trainLimit: Int?
  var testLimit: Int?

  mutating func readStandardize(_ fields: inout Fields) throws(SettingsError) {
    standardize = try fields.bool(
      "standardize", default: true, "whether each channel gets mean 0 and deviation 1")
  }

  /// Reads `augmentation` of images in memory.
  mutating func readAugmentation(
    _ fields: inout Fields, default fallback: Augmentation?
  ) throws(SettingsError) {
    augmentation = try fields.object("augmentation", "random changes of training images") {
      fields throws(SettingsError) in
      let (flip, alternates) = try Augmentation.flips(&fields, default: fallback?.flip ?? false)
      let crop = try fields.integer(
        "crop", default: fallback?.cropPadding ?? 0, in: 0...16,
        "pixels of padding, out of which a window of the image's size is cut")
      guard flip || crop > 0 else { return nil }
      return Augmentation(flip: flip, alternates: alternates, cropPadding: crop)
    }
  }

  /// The fields of what lies in files. Where it lies does not change what it is: `path` is no part of
  /// a run's identity.
  mutating func readFiles(_ fields: inout Fields) throws(SettingsError) {
    seed = try fields.integer("seed", default: 0, in: 0 ... .max, "the seed of the split")
    path = try fields.string(
      "path", "the folder or archive, found under the data folder if absent")
    fields.leaveOut("path")
    variant = try fields.string(
      "variant", "how the data differ from the published ones, which are then not checked")
    if variant?.isEmpty == true {
      throw fields.error("variant", "must say how the data differ from the published ones")
    }
    trainLimit = try fields.integer(
      "trainLimit", in: 1...1_000_000, "only the first so many training images, for trials")
    testLimit = try fields.integer(
      "testLimit", in: 1...1_000_000, "only the first so many test images, for trials")
    fields.record("trainLimit", trainLimit.map(JSON.integer) ?? .null)
    fields.record("testLimit", testLimit.map(JSON.integer) ?? .null)
  }
}

// MARK: Splits

extension DatasetOptions {
  /// Holds back validation images, of every class its share, then applies the limits.
  func splits(_ contents: DatasetContents, name: String) -> DatasetSplits {
    var train = contents.train
    var held: ImageSet?
    if validation > 0 {
      let split = StratifiedSplit(
        train.labels, classes: train.classNames.count, taking: min(validation, train.count),
        seed: UInt64(seed))
      held = train.subset(split.taken)
      train = train.subset(split.kept)
    }
    return DatasetSplits(
      name: name, train: limited(train, trainLimit, "train-limit"),
      validation: contents.validation ?? held,
      test: limited(contents.test, testLimit, "test-limit"), facts: contents.facts,
      digest: contents.digest, passedOver: contents.passedOver)
  }

  /// The first images; of a folder of pictures, where the first are all of one class, as many chosen
  /// by the seed, in their order.
  private func limited(_ set: ImageSet, _ limit: Int?, _ name: String) -> ImageSet {
    guard let limit, limit < set.count else { return set }
    guard case .files = set.pixels else { return set.prefix(limit) }
    var stream = RandomStream(seed: UInt64(seed), name)
    return set.subset(stream.permutation(of: set.count).prefix(limit).sorted())
  }
}
