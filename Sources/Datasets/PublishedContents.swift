/// What is known of the contents of a published data set's files, once they are unpacked.
///
/// Sources: CIFAR-10, the SHA-256 that the Ruby port of torchvision states and our own of the files;
/// MNIST and Fashion-MNIST, the MD5 that several independent loaders and lists state alike. Of
/// CIFAR-100's unpacked files no two sources state a checksum: only its archive is checked, by the
/// MD5 of `data fetch`.
struct PublishedContents: Sendable {
  /// As people call it.
  let name: String
  /// SHA-256 (64 digits) or MD5 (32 digits) by the file's name in `ContentHashes`.
  let checksums: [String: String]

  /// What is known of a kind; nil where nothing is.
  static func of(_ kind: DatasetDescription.Kind) -> PublishedContents? {
    switch kind {
    case .cifar10: cifar10
    case .mnist: mnist
    case .fashionMNIST: fashionMNIST
    case .cifar100, .coupling, .imageFolder: nil
    }
  }

  /// All that something is known of.
  static let all = [cifar10, mnist, fashionMNIST]

  private static let cifar10 = PublishedContents(
    name: "CIFAR-10",
    checksums: [
      "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
      "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
      "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
      "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
      "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
      "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    ])

  private static let mnist = PublishedContents(
    name: "MNIST",
    checksums: [
      "train-images": "6bbc9ace898e44ae57da46a324031adb",
      "train-labels": "a25bea736e30d166cdddb491f175f624",
      "t10k-images": "2646ac647ad5339dbf082846283269ea",
      "t10k-labels": "27ae3e4e09519cfbb04c329615203637",
    ])

  private static let fashionMNIST = PublishedContents(
    name: "Fashion-MNIST",
    checksums: [
      "train-images": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
      "train-labels": "9018921c3c673c538a1fc5bad174d6f9",
      "t10k-images": "8181f5470baa50b63fa0f6fddb340f0a",
      "t10k-labels": "15d484375f8d13e6eb1aabb0c3f46965",
    ])
}
