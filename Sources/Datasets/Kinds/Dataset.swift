// SPDX-License-Identifier: Apache-2.0

import Settings

/// A kind of data set.
///
/// Conforming takes one file and one line in `DatasetZoo.all`; a set of published files is a
/// `PublishedDataset`.
protocol Dataset: Sendable {
  /// The name in files and on the command line: `cifar-10`.
  static var key: String { get }
  static var source: DatasetSource { get }
  static var origin: DatasetOrigin { get }

  /// Reads the kind's own fields, and those of `options` that it has beside `validation`.
  ///
  /// - Parameter preprocessing: what the network's pictures go through, where the file does not say.
  init(
    _ fields: inout Fields, _ options: inout DatasetOptions, preprocessing: PicturePreprocessing
  ) throws(SettingsError)

  /// Known without loading, as are all counts; of a folder, once it is surveyed.
  var imageSize: ImageSize { get }
  /// One a class, in the order of the labels.
  var classNames: [String] { get }
  /// Training images before any are held back or left out.
  var trainingCount: Int { get }
  /// Test images before any are left out.
  var testingCount: Int { get }
  /// Validation images that the set has of its own; nil where they are held back from training.
  var validationCount: Int? { get }
  /// Bytes of one value of an image in memory; 0 for pictures, which stay in their files.
  var valueBytes: Int { get }
  /// What a run's identity knows of the contents, where that is not said by other fields.
  var fingerprint: String? { get }
  /// Whether a picture that is decoded with a warning counts as damaged.
  var isStrict: Bool { get }

  /// Looks at what lies in files, as far as the counts need it.
  mutating func survey(_ options: DatasetOptions, directory: String?) throws(DatasetError)
  /// Makes or reads the sets; `DatasetDescription.load` says how.
  func load(
    _ options: DatasetOptions, directory: String?, hashing: Hashing
  ) throws(DatasetError) -> DatasetContents
  /// As `DatasetDescription.isAtHand`.
  func isAtHand(_ options: DatasetOptions, directory: String?) -> Bool
  /// As `DatasetDescription.digestAtHand`.
  func digestAtHand(
    _ options: DatasetOptions, directory: String?
  ) throws(DatasetError) -> String?
  /// Where the files are that a user would look at first; nil where there are none.
  func place(_ options: DatasetOptions, directory: String?) -> String?
}

extension Dataset {
  var validationCount: Int? { nil }
  var fingerprint: String? { nil }
  var isStrict: Bool { false }

  mutating func survey(_ options: DatasetOptions, directory: String?) {}
}

/// Where images come from.
public enum DatasetOrigin: Sendable {
  /// They are made, and follow from the settings.
  case code
  /// Files that everybody can have, compared with what was published.
  case published
  /// A folder of the user's own pictures.
  case folder
}

/// What a data set gives, before training images are held back or left out.
struct DatasetContents {
  var train: ImageSet
  var validation: ImageSet?
  var test: ImageSet
  /// What is known of the images by having made them.
  var facts: [String: Double] = [:]
  /// Nil where nothing was hashed.
  var digest: String?
  /// As in `DatasetSplits`.
  var passedOver: [String] = []
}

/// The kinds of data sets.
public enum DatasetZoo {
  static let all: [any Dataset.Type] = [
    Coupling.self, CIFAR10.self, CIFAR100.self, MNIST.self, FashionMNIST.self, PictureFolder.self,
  ]

  /// The names of all kinds.
  public static var keys: [String] { all.map { $0.key } }

  /// Every kind with one line about it and where it comes from.
  public static var catalogue: [(key: String, summary: String, source: String)] {
    all.map { kind in
      let source = kind.source
      return (
        kind.key, source.summary,
        source.addresses.isEmpty ? source.place : source.addresses.joined(separator: " ")
      )
    }
  }
}
