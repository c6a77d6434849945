// SPDX-License-Identifier: Apache-2.0

import Downloads

/// A data set in CIFAR's binary form, unpacked or as an archive.
protocol CIFARDataset: PublishedDataset {
  static var layout: CIFARLayout { get }
}

extension CIFARDataset {
  static var usualAugmentation: Augmentation? { Augmentation(flip: true, cropPadding: 4) }

  var imageSize: ImageSize { CIFARLayout.size }
  var classNames: [String] { Self.layout.classNames }
  var trainingCount: Int { Self.layout.trainFiles.count * Self.layout.trainRecords }
  var testingCount: Int { Self.layout.testRecords }

  func find(in location: DatasetLocation) throws(DatasetError) -> any FoundFiles {
    try location.findCIFAR(Self.layout, Self.source)
  }
}

extension DatasetLocation {
  /// The files of CIFAR, unpacked or as an archive.
  func findCIFAR(
    _ layout: CIFARLayout, _ source: DatasetSource
  ) throws(DatasetError) -> any FoundFiles {
    let base = try base(source)
    if isFile(base) { return CIFARArchive(path: base, layout: layout) }
    for folder in ["\(base)/\(layout.folder)", base] {
      // One file is enough to take the folder at its word: what it lacks is then an error.
      if layout.files.contains(where: { exists("\(folder)/\($0)") }) {
        return CIFARFolder(path: folder, layout: layout)
      }
    }
    let archive = "\(base)/\(layout.archive)"
    if exists(archive) { return CIFARArchive(path: archive, layout: layout) }
    throw missing(source, in: base)
  }
}

struct CIFARFolder: FoundFiles {
  let path: String
  let layout: CIFARLayout

  var paths: [String] { layout.files.map { "\(path)/\($0)" } }
  var names: [String] { layout.files }

  func read(_ hashes: ContentHashes?) throws(DatasetError) -> DatasetContents {
    let sets = try CIFARReader.read(folder: path, layout, hashes)
    return DatasetContents(train: sets.train, test: sets.test)
  }
}

struct CIFARArchive: FoundFiles {
  let path: String
  let layout: CIFARLayout

  var paths: [String] { [path] }
  var names: [String] { layout.files }

  func read(_ hashes: ContentHashes?) throws(DatasetError) -> DatasetContents {
    let sets = try CIFARReader.read(archive: path, layout, hashes)
    return DatasetContents(train: sets.train, test: sets.test)
  }

  func checkArchive(as key: String) throws(DatasetError) {
    guard let expected = Publication.named(key)?.files.first?.md5 else { return }
    let own: String
    do {
      own = try Checksum.of(file: path, .md5)
    } catch {
      throw DatasetError(error)
    }
    guard own == expected else {
      throw DatasetError(
        file: path, value: "has the MD5 \(own)",
        rule: ContentHashes.rule("\(key) as published, with the MD5 \(expected)"))
    }
  }
}
