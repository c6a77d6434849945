import Downloads

/// Where a data set comes from, for messages and lists.
struct DatasetSource: Sendable {
  var name: String
  var summary: String
  /// Addresses of the files; empty for what is not downloaded.
  var addresses: [String]
  /// The sub-folder or file name under which the data folder holds it.
  var place: String

  /// What to do where the files are missing.
  var advice: String {
    "download \(addresses.joined(separator: " and ")) and put it, as \(place), into that folder, "
      + "or let `continuum data fetch` do both"
  }
}

extension DatasetDescription {
  /// Every kind with one line about it and where it comes from.
  public static var catalogue: [(kind: Kind, summary: String, source: String)] {
    Kind.allCases.map { kind in
      let source = source(kind)
      return (
        kind, source.summary,
        source.addresses.isEmpty ? source.place : source.addresses.joined(separator: " ")
      )
    }
  }

  var source: DatasetSource { Self.source(kind) }

  private static func source(_ kind: Kind) -> DatasetSource {
    switch kind {
    case .coupling:
      DatasetSource(
        name: "coupling",
        summary: "textures whose channels and space are coupled to a chosen degree, 16×16×8, "
          + "8 classes", addresses: [], place: "made in code")
    case .imageFolder:
      DatasetSource(
        name: "a folder of pictures",
        summary: "your own JPEG and PNG files, a folder for each class", addresses: [],
        place: "path=DIR, with train/CLASS/ and test/CLASS/ (or val/CLASS/), or CLASS/ alone")
    case .cifar10:
      DatasetSource(
        name: "CIFAR-10",
        summary: "photographs, 32×32×3, 10 classes, 50,000 + 10,000",
        addresses: addresses("cifar-10"),
        place: "cifar-10-binary.tar.gz or unpacked as cifar-10-batches-bin")
    case .cifar100:
      DatasetSource(
        name: "CIFAR-100",
        summary: "photographs, 32×32×3, 100 classes, 50,000 + 10,000",
        addresses: addresses("cifar-100"),
        place: "cifar-100-binary.tar.gz or unpacked as cifar-100-binary")
    case .mnist:
      DatasetSource(
        name: "MNIST",
        summary: "handwritten digits, 28×28×1, 10 classes, 60,000 + 10,000",
        addresses: addresses("mnist"),
        place: "mnist/*-ubyte.gz")
    case .fashionMNIST:
      DatasetSource(
        name: "Fashion-MNIST",
        summary: "articles of clothing, 28×28×1, 10 classes, 60,000 + 10,000",
        addresses: addresses("fashion-mnist"),
        place: "fashion-mnist/*-ubyte.gz")
    }
  }

  private static func addresses(_ name: String) -> [String] {
    Publication.named(name)?.files.map(\.address) ?? []
  }
}

// MARK: Layouts

extension CIFARLayout {
  static let cifar10 = CIFARLayout(
    folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
    trainFiles: (1...5).map { "data_batch_\($0).bin" }, testFile: "test_batch.bin",
    trainRecords: 10_000, testRecords: 10_000, labels: [Label(name: "label", classes: 10)],
    classNames: [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ])

  static let cifar100 = CIFARLayout(
    folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz", trainFiles: ["train.bin"],
    testFile: "test.bin", trainRecords: 50_000, testRecords: 10_000,
    labels: [Label(name: "coarse label", classes: 20), Label(name: "fine label", classes: 100)],
    classNames: """
      apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus \
      butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch \
      crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo \
      keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain \
      mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain \
      plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk \
      skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone \
      television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
      """.split(separator: " ").map(String.init))
}

extension IDXLayout {
  static let mnist = IDXLayout(
    folders: ["mnist", "MNIST/raw", "MNIST"], classNames: (0...9).map { "\($0)" })

  static let fashionMNIST = IDXLayout(
    folders: ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST"],
    classNames: [
      "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
      "ankle boot",
    ])
}
