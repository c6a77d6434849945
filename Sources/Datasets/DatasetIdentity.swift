import Downloads
import Foundation

/// What the data are, by their contents.
extension DatasetDescription {
  /// The digest of data that lie in files, from the cache where it knows them, else read; nil for data
  /// that are made, and where the files are not at hand.
  ///
  /// - Throws: where the files are damaged or not those that were published.
  public func digestAtHand(directory: String?) throws(DatasetError) -> String? {
    switch kind {
    case .coupling: return nil
    case .imageFolder:
      var surveyed = self
      guard (try? surveyed.survey(directory: directory)) != nil else { return nil }
      return try surveyed.pictureDigest(.remembered)
    case .cifar10, .cifar100, .mnist, .fashionMNIST:
      guard let found = try? found(in: directory) else { return nil }
      let known = identityKey(found.paths).flatMap { DigestCache.user?.digest(of: $0) }
      if let known { return known }
      return try load(directory: directory).digest
    }
  }

  /// Whether the data can be loaded, as far as a look at names tells it; data that are made always can.
  public func isAtHand(directory: String?) -> Bool {
    switch kind {
    case .coupling: return true
    case .imageFolder:
      var surveyed = self
      return (try? surveyed.survey(directory: directory)) != nil
    case .cifar10, .cifar100, .mnist, .fashionMNIST:
      return (try? found(in: directory)) != nil
    }
  }

  /// Where the files are that a user would look at first.
  public func place(directory: String?) -> String {
    if let folder { return folder.path }
    let first = (try? found(in: directory))?.paths.first ?? kind.rawValue
    return first
  }

  /// The files of a set of CIFAR's or MNIST's family.
  func found(in directory: String?) throws(DatasetError) -> FoundFiles {
    let location = DatasetLocation(
      path: path, directory: directory ?? ProcessInfo.processInfo.environment["CONTINUUM_DATA"])
    switch kind {
    case .cifar10: return try location.findCIFAR(.cifar10, source)
    case .cifar100: return try location.findCIFAR(.cifar100, source)
    case .mnist: return try location.findIDX(.mnist, source)
    case .fashionMNIST: return try location.findIDX(.fashionMNIST, source)
    case .coupling, .imageFolder: preconditionFailure("the kind has no files of its own")
    }
  }

  /// Files that may be anything and files that were compared have different keys.
  func identityKey(_ paths: [String]) -> String? {
    DigestCache.key("\(kind.rawValue) \(variant == nil ? "published" : "variant")", paths)
  }

  /// Remembers a digest unless the files changed while they were read.
  func remember(_ digest: String, _ key: String?, _ paths: [String]) {
    guard let key, key == identityKey(paths) else { return }
    DigestCache.user?.remember(digest, of: key)
  }

  /// Of a surveyed folder: the names and contents of all its pictures, whatever part each is in. The
  /// folder in a picture's name is its class.
  func pictureDigest(_ hashing: Hashing) throws(DatasetError) -> String {
    guard let folder else { preconditionFailure("the folder is surveyed first") }
    let names = [folder.train, folder.validation ?? [], folder.test]
      .flatMap { $0 }.map(\.name).sorted()
    let paths = names.map { "\(folder.path)/\($0)" }
    let key = identityKey(paths)
    if hashing == .remembered, let known = key.flatMap({ DigestCache.user?.digest(of: $0) }) {
      return known
    }
    let sums: [Result<String, DownloadError>] = parallelMap(paths.count) { index in
      Result { () throws(DownloadError) in try Checksum.of(file: paths[index], .sha256) }
    }
    var files: [(name: String, sha256: String)] = []
    for (name, sum) in zip(names, sums) {
      switch sum {
      case .success(let digits): files.append((name, digits))
      case .failure(let error): throw DatasetError(error)
      }
    }
    let digest = try ContentHashes.digest(of: files)
    remember(digest, key, paths)
    return digest
  }

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
