// SPDX-License-Identifier: Apache-2.0

/// Fashion-MNIST. Source: H. Xiao, K. Rasul, R. Vollgraf, 2017.
struct FashionMNIST: IDXDataset {
  static let key = "fashion-mnist"
  static let source = DatasetSource(
    name: "Fashion-MNIST",
    summary: "articles of clothing, 28×28×1, 10 classes, 60,000 + 10,000",
    addresses: DatasetSource.addresses("fashion-mnist"),
    place: "fashion-mnist/*-ubyte.gz")

  static let layout = IDXLayout(
    folders: ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST"],
    classNames: [
      "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
      "ankle boot",
    ])

  /// The MD5 that several independent loaders and lists state alike.
  static let contents: PublishedContents? = PublishedContents(
    name: "Fashion-MNIST",
    checksums: [
      "train-images": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
      "train-labels": "9018921c3c673c538a1fc5bad174d6f9",
      "t10k-images": "8181f5470baa50b63fa0f6fddb340f0a",
      "t10k-labels": "15d484375f8d13e6eb1aabb0c3f46965",
    ])
}
