import Foundation
import RandomStreams

extension DatasetDescription {
  /// Makes or reads the data set.
  ///
  /// - Parameter directory: the folder of data sets; nil takes the environment's `CONTINUUM_DATA`.
  ///   A set is found in the sub-folder or archive of its usual name, or in the folder itself.
  /// - Throws: where files are missing (saying what to download and where to put it), damaged, short
  ///   or mislabelled, with file, offset and rule.
  public func load(directory: String?) throws(DatasetError) -> DatasetSplits {
    let location = DatasetLocation(
      path: path, directory: directory ?? ProcessInfo.processInfo.environment["CONTINUUM_DATA"])
    switch kind {
    case .coupling: return try loadCoupling()
    case .cifar10: return splits(try location.readCIFAR(.cifar10, source))
    case .cifar100: return splits(try location.readCIFAR(.cifar100, source))
    case .mnist: return splits(try location.readIDX(.mnist, source))
    case .fashionMNIST: return splits(try location.readIDX(.fashionMNIST, source))
    case .imageFolder:
      var surveyed = self
      try surveyed.survey(directory: directory)
      return surveyed.pictureSplits()
    }
  }

  /// The sets of a surveyed folder of pictures.
  private func pictureSplits() -> DatasetSplits {
    guard let pictures, let folder else { preconditionFailure("the folder is surveyed first") }
    func set(_ entries: [ImageFolder.Entry]) -> ImageSet {
      ImageSet(
        size: imageSize, classNames: folder.classNames, labels: entries.map(\.label),
        pixels: .files(
          PictureFiles(
            folder: folder.path, names: entries.map(\.name),
            preprocessing: pictures.preprocessing)))
    }
    let parts = splits((set(folder.train), set(folder.test)))
    return DatasetSplits(
      name: parts.name, train: parts.train,
      validation: folder.validation.map(set) ?? parts.validation, test: parts.test)
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
    return splits((train, test), facts)
  }

  /// Holds back validation images, of every class its share, then applies the limits.
  func splits(
    _ sets: (train: ImageSet, test: ImageSet), _ facts: [String: Double] = [:]
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
      test: limited(sets.test, testLimit, "test-limit"), facts: facts)
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
