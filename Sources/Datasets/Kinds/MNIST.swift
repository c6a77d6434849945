// SPDX-License-Identifier: Apache-2.0

/// MNIST. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database".
struct MNIST: IDXDataset {
  static let key = "mnist"
  static let source = DatasetSource(
    name: "MNIST",
    summary: "handwritten digits, 28×28×1, 10 classes, 60,000 + 10,000",
    addresses: DatasetSource.addresses("mnist"),
    place: "mnist/*-ubyte.gz")

  static let layout = IDXLayout(
    folders: ["mnist", "MNIST/raw", "MNIST"], classNames: (0...9).map { "\($0)" })

  /// The MD5 that several independent loaders and lists state alike.
  static let contents: PublishedContents? = PublishedContents(
    name: "MNIST",
    checksums: [
      "train-images": "6bbc9ace898e44ae57da46a324031adb",
      "train-labels": "a25bea736e30d166cdddb491f175f624",
      "t10k-images": "2646ac647ad5339dbf082846283269ea",
      "t10k-labels": "27ae3e4e09519cfbb04c329615203637",
    ])
}
