import Foundation
import RandomStreams

/// Whether the files of a data set are hashed while it is loaded.
public enum Hashing: Sendable {
  /// Where the user's cache does not know their digest already.
  case remembered
  case anew
  /// Neither hashed nor compared with what is published.
  case none
}

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
    switch kind {
    case .coupling: return try loadCoupling()
    case .cifar10, .cifar100, .mnist, .fashionMNIST:
      let found = try found(in: directory)
      if hashing == .none { return splits(try found.read()) }
      let key = identityKey(found.paths)
      if hashing == .remembered, let digest = key.flatMap({ DigestCache.user?.digest(of: $0) }) {
        return splits(try found.read(), digest: digest)
      }
      let (sets, digest) = try found.readHashed(kind, mayBeAnything: variant != nil)
      remember(digest, key, found.paths)
      return splits(sets, digest: digest)
    case .imageFolder:
      var surveyed = self
      try surveyed.survey(directory: directory)
      return surveyed.pictureSplits(
        digest: hashing == .none ? nil : try surveyed.pictureDigest(hashing))
    }
  }

  /// The sets of a surveyed folder of pictures.
  private func pictureSplits(digest: String?) -> DatasetSplits {
    guard let pictures, let folder else { preconditionFailure("the folder is surveyed first") }
    func set(_ entries: [ImageFolder.Entry]) -> ImageSet {
      ImageSet(
        size: imageSize, classNames: folder.classNames, labels: entries.map(\.label),
        pixels: .files(
          PictureFiles(
            folder: folder.path, names: entries.map(\.name),
            preprocessing: pictures.preprocessing)))
    }
    let parts = splits((set(folder.train), set(folder.test)), digest: digest)
    return DatasetSplits(
      name: parts.name, train: parts.train,
      validation: folder.validation.map(set) ?? parts.validation, test: parts.test,
      digest: digest)
  }

  private func loadCoupling() throws(DatasetError) -> DatasetSplits {
    var options = coupling
    options.seed = seed
    let templates = try CouplingTemplates(options)
    let calibration = try CouplingCalibration.of(options)
    let images = CouplingImages(templates, sigma: calibration.sigma)
    let train = images.draw("train", count: options.train)
    let test = images.draw("test", count: options.test)
    let rule = CouplingRule(templates, sigma: calibration.sigma)
    let facts = [
      "lambda": options.lambda, "sigma": calibration.sigma,
      "bestPossibleAccuracy": calibration.accuracy,
      "bestPossibleAccuracyError": calibration.accuracyError,
      "bestPossibleAccuracyOnTest": rule.accuracy(on: test),
    ]
    return splits((train, test), facts, digest: try Self.digest(of: [train, test]))
  }

  /// Holds back validation images, of every class its share, then applies the limits.
  func splits(
    _ sets: (train: ImageSet, test: ImageSet), _ facts: [String: Double] = [:],
    digest: String? = nil
  ) -> DatasetSplits {
    var train = sets.train
    var held: ImageSet?
    if validation > 0 {
      let split = StratifiedSplit(
        train.labels, classes: train.classNames.count, taking: min(validation, train.count),
        seed: UInt64(seed))
      held = train.subset(split.taken)
      train = train.subset(split.kept)
    }
    return DatasetSplits(
      name: kind.rawValue, train: limited(train, trainLimit, "train-limit"), validation: held,
      test: limited(sets.test, testLimit, "test-limit"), facts: facts,
      digest: digest)
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
