// SPDX-License-Identifier: Apache-2.0

/// A data set in the IDX files of the MNIST family.
protocol IDXDataset: PublishedDataset {
  static var layout: IDXLayout { get }
}

extension IDXDataset {
  var imageSize: ImageSize { Self.layout.size }
  var classNames: [String] { Self.layout.classNames }
  var trainingCount: Int { Self.layout.trainRecords }
  var testingCount: Int { Self.layout.testRecords }

  func find(in location: DatasetLocation) throws(DatasetError) -> any FoundFiles {
    try location.findIDX(Self.layout, Self.source)
  }
}

extension DatasetLocation {
  /// The four files of the MNIST family.
  func findIDX(
    _ layout: IDXLayout, _ source: DatasetSource
  ) throws(DatasetError) -> any FoundFiles {
    let base = try base(source)
    if isFile(base) { throw DatasetError(file: base, rule: "must be a folder of IDX files") }
    // Some archives hold each file in a folder of its name.
    func file(_ folder: String, _ part: String, _ content: String) -> String? {
      let names = IDXLayout.names(part, content)
      return (names + names.map { "\($0)/\($0)" }).map { "\(folder)/\($0)" }.first(where: isFile)
    }
    func required(_ folder: String, _ part: String, _ content: String) throws(DatasetError)
      -> String
    {
      if let found = file(folder, part, content) { return found }
      let name = IDXLayout.names(part, content)[0]
      throw DatasetError(file: "\(folder)/\(name)", rule: "does not exist; \(source.advice)")
    }
    for folder in layout.folders.map({ "\(base)/\($0)" }) + [base] {
      guard file(folder, "train", "images") != nil || file(folder, "t10k", "images") != nil else {
        continue
      }
      return IDXFiles(
        layout: layout, trainImages: try required(folder, "train", "images"),
        trainLabels: try required(folder, "train", "labels"),
        testImages: try required(folder, "t10k", "images"),
        testLabels: try required(folder, "t10k", "labels"))
    }
    throw missing(source, in: base)
  }
}

private struct IDXFiles: FoundFiles {
  let layout: IDXLayout
  let trainImages: String
  let trainLabels: String
  let testImages: String
  let testLabels: String

  var paths: [String] { [trainImages, trainLabels, testImages, testLabels] }
  /// Whatever the files are called on the disk.
  var names: [String] { ["train-images", "train-labels", "t10k-images", "t10k-labels"] }

  func read(_ hashes: ContentHashes?) throws(DatasetError) -> DatasetContents {
    DatasetContents(
      train: try IDXReader.read(
        images: trainImages, labels: trainLabels, count: layout.trainRecords, layout,
        part: "train", hashes),
      test: try IDXReader.read(
        images: testImages, labels: testLabels, count: layout.testRecords, layout, part: "t10k",
        hashes))
  }
}
