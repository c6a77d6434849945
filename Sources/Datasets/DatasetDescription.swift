// SPDX-License-Identifier: Apache-2.0

import Settings

/// What an experiment says under "data".
///
/// ```json
/// {"kind": "coupling", "lambda": 0.5}
/// {"kind": "cifar-10", "validation": 5000, "augmentation": {"flip": true, "crop": 4}}
/// ```
/// Every kind has `validation` (training images held back, 0), `split` (how) and `seed` (of the data:
/// the split and, for `coupling`, the images; 0); the others are those of the kind and of
/// `DatasetOptions`. What is known without loading is known of a folder of pictures after `survey`.
public struct DatasetDescription: Hashable, Sendable {
  /// How the images that are held back for validation are chosen.
  private enum Split: String, CaseIterable {
    /// Of every class the same share, as nearly as whole images allow; the seed decides which.
    case stratified
  }

  /// The name of the kind.
  public let kind: String
  private var dataset: any Dataset
  private let options: DatasetOptions
  private let recorded: [String: JSON]

  /// Reads all keys of a data set; the caller calls `finish`.
  ///
  /// - Parameters:
  ///   - fields: the data set's object.
  ///   - preprocessing: what the network's pictures go through, where the file does not say.
  /// - Throws: `SettingsError` naming the field and its rule.
  public init(
    _ fields: inout Fields, preprocessing: PicturePreprocessing = .inception()
  ) throws(SettingsError) {
    let kind = try fields.kind(
      of: DatasetZoo.all, default: Coupling.self, noun: "data set", key: { $0.key }, "the data set")
    self.kind = kind.key
    var options = DatasetOptions()
    options.validation = try fields.integer(
      "validation", default: 0, in: 0...1_000_000, "training images held back for validation")
    dataset = try kind.init(&fields, &options, preprocessing: preprocessing)
    if kind.origin != .folder, options.validation >= dataset.trainingCount {
      throw fields.error(
        "validation", "must leave some of the \(dataset.trainingCount) training images")
    }
    _ = try fields.choice(
      "split", default: Split.stratified, "how the images held back are chosen")
    // Said only where there is one: the identifiers of all other runs are older than the rule.
    if options.validation == 0 { fields.leaveOut("split") }
    self.options = options
    recorded = fields.recorded
  }

  /// Looks at a folder of pictures: its classes, and the names and sizes of its pictures. Nothing
  /// happens for the other kinds.
  ///
  /// - Parameter directory: the folder of data sets, in which a relative path is looked for first;
  ///   nil takes the environment's `CONTINUUM_DATA`.
  public mutating func survey(directory: String?) throws(DatasetError) {
    try dataset.survey(options, directory: directory)
  }

  /// All fields with their values, for the run's identifier. Where a data set lies does not change
  /// what it is; of a folder of pictures, the names and sizes are hashed.
  public var canonical: JSON {
    var fields = recorded
    if let fingerprint = dataset.fingerprint { fields["contents"] = .string(fingerprint) }
    return .object(fields)
  }

  /// Equal where the data and the place are.
  public static func == (first: DatasetDescription, second: DatasetDescription) -> Bool {
    first.canonical == second.canonical && first.path == second.path
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(canonical)
    hasher.combine(path)
  }
}

// MARK: What is known without loading

extension DatasetDescription {
  public var origin: DatasetOrigin { type(of: dataset).origin }

  /// The folder or archive, where one is named.
  public var path: String? { options.path }

  /// Whether the files are compared with what was published.
  public var isPublished: Bool { origin == .published && options.variant == nil }

  /// Whether a picture that is decoded with a warning counts as damaged.
  public var isStrict: Bool { dataset.isStrict }

  /// Whether each channel gets mean 0 and deviation 1.
  public var standardize: Bool { options.standardize }

  /// Nil where nothing is augmented.
  public var augmentation: Augmentation? { options.augmentation }

  public var imageSize: ImageSize { dataset.imageSize }

  public var classCount: Int { classNames.count }

  /// One a class, in the order of the labels.
  public var classNames: [String] { dataset.classNames }

  /// Images of the test set.
  public var testedImageCount: Int { min(options.testLimit ?? .max, dataset.testingCount) }

  /// Images held back for validation; 0 where there is no such set.
  public var validatedImageCount: Int { dataset.validationCount ?? options.validation }

  /// Training images that a run passes over in an epoch.
  public var trainedImageCount: Int {
    min(options.trainLimit ?? .max, dataset.trainingCount - options.validation)
  }

  /// Bytes of the images in memory: none of pictures, which stay in their files.
  public var imageBytes: Int {
    bytes(trainedImageCount + validatedImageCount + testedImageCount)
  }

  /// Bytes at the most while the set is made or read, when images are copied from where they were
  /// drawn, or into the parts of a split.
  public var loadingBytes: Int { 2 * bytes(dataset.trainingCount + dataset.testingCount) }

  private func bytes(_ images: Int) -> Int { dataset.valueBytes * images * imageSize.count }
}

// MARK: Loading

extension DatasetDescription {
  /// Makes or reads the data set.
  ///
  /// - Parameters:
  ///   - directory: the folder of data sets; nil takes the environment's `CONTINUUM_DATA`. A set is
  ///     found in the sub-folder or archive of its usual name, or in the folder itself.
  ///   - hashing: whether the files are hashed, and a published set compared with its checksums.
  /// - Throws: where files are missing (saying what to download and where to put it), damaged, short,
  ///   mislabelled or not those that were published, with file, offset and rule.
  public func load(
    directory: String?, hashing: Hashing = .remembered
  ) throws(DatasetError) -> DatasetSplits {
    options.splits(
      try dataset.load(options, directory: directory, hashing: hashing), name: kind)
  }

  /// Whether the data can be loaded, as far as a look at names tells it; data that are made always can.
  public func isAtHand(directory: String?) -> Bool {
    dataset.isAtHand(options, directory: directory)
  }

  /// The digest of data that lie in files, from the cache where it knows them, else read; nil for data
  /// that are made, and where the files are not at hand.
  ///
  /// - Throws: where the files are damaged or not those that were published.
  public func digestAtHand(directory: String?) throws(DatasetError) -> String? {
    try dataset.digestAtHand(options, directory: directory)
  }

  /// Where the files are that a user would look at first.
  public func place(directory: String?) -> String {
    dataset.place(options, directory: directory) ?? kind
  }
}

/// Whether the files of a data set are hashed while it is loaded.
public enum Hashing: Sendable {
  /// Where the user's cache does not know their digest already.
  case remembered
  case anew
  /// Neither hashed nor compared with what is published.
  case none
}
