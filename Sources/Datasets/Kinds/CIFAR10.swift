// SPDX-License-Identifier: Apache-2.0

/// CIFAR-10. Source: https://www.cs.toronto.edu/~kriz/cifar.html
struct CIFAR10: CIFARDataset {
  static let key = "cifar-10"
  static let source = DatasetSource(
    name: "CIFAR-10",
    summary: "photographs, 32×32×3, 10 classes, 50,000 + 10,000",
    addresses: DatasetSource.addresses("cifar-10"),
    place: "cifar-10-binary.tar.gz or unpacked as cifar-10-batches-bin")

  static let layout = CIFARLayout(
    folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
    trainFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin",
    trainRecords: 10_000, testRecords: 10_000,
    labels: [CIFARLayout.Label(name: "label", classes: 10)],
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  /// The SHA-256 that the Ruby port of torchvision states and our own of the files.
  static let contents: PublishedContents? = PublishedContents(
    name: "CIFAR-10",
    checksums: [
      "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
      "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
      "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
      "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
      "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
      "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    ])
}
