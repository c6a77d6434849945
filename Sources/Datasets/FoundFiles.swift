import Downloads

/// The files of a data set, found but not read yet.
enum FoundFiles {
  case cifarFolder(String, CIFARLayout)
  case cifarArchive(String, CIFARLayout)
  case idx(IDXFiles, IDXLayout)

  /// What is read, in order.
  var paths: [String] {
    switch self {
    case .cifarFolder(let folder, let layout): layout.files.map { "\(folder)/\($0)" }
    case .cifarArchive(let archive, _): [archive]
    case .idx(let files, _):
      [files.trainImages, files.trainLabels, files.testImages, files.testLabels]
    }
  }

  /// The names of the contents, in the digest's order.
  private var contents: [String] {
    switch self {
    case .cifarFolder(_, let layout), .cifarArchive(_, let layout): layout.files
    case .idx: IDXFiles.contents
    }
  }

  /// Reads the sets.
  ///
  /// - Parameter hashes: told of all that is read.
  func read(
    _ hashes: ContentHashes? = nil
  ) throws(DatasetError) -> (train: ImageSet, test: ImageSet) {
    switch self {
    case .cifarFolder(let folder, let layout):
      return try CIFARReader.read(folder: folder, layout, hashes)
    case .cifarArchive(let archive, let layout):
      return try CIFARReader.read(archive: archive, layout, hashes)
    case .idx(let files, let layout):
      let train = try IDXReader.read(
        images: files.trainImages, labels: files.trainLabels, count: layout.trainRecords, layout,
        part: "train", hashes)
      let test = try IDXReader.read(
        images: files.testImages, labels: files.testLabels, count: layout.testRecords, layout,
        part: "t10k", hashes)
      return (train, test)
    }
  }

  /// Reads the sets and gives their digest.
  ///
  /// - Throws: also where they are no published set's, unless they may be anything.
  func readHashed(
    _ kind: DatasetDescription.Kind, mayBeAnything: Bool
  ) throws(DatasetError) -> (sets: (train: ImageSet, test: ImageSet), digest: String) {
    if !mayBeAnything { try checkArchive(kind) }
    let hashes = ContentHashes(published: mayBeAnything ? nil : PublishedContents.of(kind))
    let sets = try read(hashes)
    return (sets, try hashes.digest(order: contents))
  }

  /// Compares an archive whose contents have no known checksums with the published one.
  private func checkArchive(_ kind: DatasetDescription.Kind) throws(DatasetError) {
    guard case .cifarArchive(let archive, _) = self, PublishedContents.of(kind) == nil,
      let expected = Publication.named(kind.rawValue)?.files.first?.md5
    else { return }
    do {
      let own = try Checksum.of(file: archive, .md5)
      guard own != expected else { return }
      throw DatasetError(
        file: archive, value: "has the MD5 \(own)",
        rule: ContentHashes.rule("\(kind.rawValue) as published, with the MD5 \(expected)"))
    } catch let error as DownloadError {
      throw DatasetError(error)
    } catch let error as DatasetError {
      throw error
    } catch {
      throw DatasetError(file: archive, rule: "\(error)")
    }
  }
}

/// The paths of the MNIST family's files.
struct IDXFiles {
  var trainImages: String
  var trainLabels: String
  var testImages: String
  var testLabels: String

  /// Their names in digests, whatever they are called on the disk.
  static let contents = ["train-images", "train-labels", "t10k-images", "t10k-labels"]
}
