// SPDX-License-Identifier: Apache-2.0

/// CIFAR-100; the class is the fine label. Source: https://www.cs.toronto.edu/~kriz/cifar.html
struct CIFAR100: CIFARDataset {
  static let key = "cifar-100"
  static let source = DatasetSource(
    name: "CIFAR-100",
    summary: "photographs, 32×32×3, 100 classes, 50,000 + 10,000",
    addresses: DatasetSource.addresses("cifar-100"),
    place: "cifar-100-binary.tar.gz or unpacked as cifar-100-binary")

  static let layout = CIFARLayout(
    folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz", trainFiles: ["train.bin"],
    testFile: "test.bin", trainRecords: 50_000, testRecords: 10_000,
    labels: [
      CIFARLayout.Label(name: "coarse label", classes: 20),
      CIFARLayout.Label(name: "fine label", classes: 100),
    ],
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

  /// Of the unpacked files no two sources state a checksum: only the archive is checked, by the MD5 of
  /// `data fetch`.
  static let contents: PublishedContents? = nil
}
