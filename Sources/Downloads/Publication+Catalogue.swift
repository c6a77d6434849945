// SPDX-License-Identifier: Apache-2.0

extension Publication {
  /// Everything that can be fetched.
  ///
  /// Sources: Keras 3.15's `applications` (addresses and checksums of the weights and class names);
  /// the CIFAR page of A. Krizhevsky; torchvision's `datasets.mnist` (checksums of MNIST) and the
  /// README of Fashion-MNIST.
  public static let all: [Publication] = datasets + weights + [classNames]

  private static let datasets = [
    Publication(
      name: "cifar-10", kind: .dataset, summary: "CIFAR-10, binary version (162 MB)",
      files: [cifar("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")]),
    Publication(
      name: "cifar-100", kind: .dataset, summary: "CIFAR-100, binary version (161 MB)",
      files: [cifar("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8")]),
    Publication(
      name: "mnist", kind: .dataset, summary: "MNIST (12 MB)",
      files: idx(
        "mnist", "https://ossci-datasets.s3.amazonaws.com/mnist",
        [
          "f68b3c2dcbeaaa9fbdd348bbdeb94873", "d53e105ee54ea40749a09fcbcd1e9432",
          "9fb629c4189551a2d022fa330f9573f3", "ec29112dd5afa0611ce80d1b7f02629c",
        ])),
    Publication(
      name: "fashion-mnist", kind: .dataset, summary: "Fashion-MNIST (31 MB)",
      files: idx(
        "fashion-mnist", "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        [
          "8d4fb7e6c68d591d4c3dfef9ec88bf0d", "25c81989df183df01b3e8a0aad5dffbe",
          "bef4ecab320f06d8554ea6380940ec79", "bb300cfdad3c16e7a12a480ee83cd310",
        ])),
  ]

  private static func cifar(_ name: String, _ md5: String) -> PublishedFile {
    PublishedFile(address: "https://www.cs.toronto.edu/~kriz/\(name)", md5: md5, place: name)
  }

  private static func idx(
    _ folder: String, _ base: String, _ checksums: [String]
  ) -> [PublishedFile] {
    let names = ["train", "t10k"].flatMap { part in
      ["images-idx3", "labels-idx1"].map { "\(part)-\($0)-ubyte.gz" }
    }
    return zip(names, checksums).map { name, md5 in
      PublishedFile(address: "\(base)/\(name)", md5: md5, place: "\(folder)/\(name)")
    }
  }

  private static let weights: [Publication] = [
    keras(
      "xception", folder: "xception", file: "xception", megabytes: 92,
      whole: "0a58e3b7378bc2990ea3b43d5981f1f6", base: "b0042744bf5b25fce3cb969f33bebb97"),
    keras(
      "inception-v3", folder: "inception_v3", file: "inception_v3", megabytes: 96,
      whole: "9a0d58056eeedaa3f26cb7ebd46da564", base: "bcbd6486424b2319ff4ef7d526e38f63"),
    keras(
      "vgg16", folder: "vgg16", file: "vgg16", megabytes: 553,
      whole: "64373286793e3c8b2b4e3219cbf3544b", base: "6d6bbae143d832006294945121d1f1fc"),
    keras(
      "resnet152", folder: "resnet", file: "resnet152", megabytes: 242,
      whole: "100835be76be38e30d865e96f2aaae62", base: "ee4c566cf9a93f14d82f913c2dc6dd0c"),
  ].flatMap { $0 }

  /// Keras' weights of a network, with and without its classifier.
  private static func keras(
    _ name: String, folder: String, file: String, megabytes: Int, whole: String, base: String
  ) -> [Publication] {
    func publication(_ name: String, _ ending: String, _ summary: String, _ md5: String)
      -> Publication
    {
      let file = "\(file)_weights_tf_dim_ordering_tf_kernels\(ending).h5"
      let address = "https://storage.googleapis.com/tensorflow/keras-applications/\(folder)/\(file)"
      return Publication(
        name: name, kind: .weights, summary: summary,
        files: [PublishedFile(address: address, md5: md5, place: "weights/\(file)")])
    }
    return [
      publication(name, "", "Keras' ImageNet weights of \(name) (\(megabytes) MB)", whole),
      publication(
        "\(name)-notop", "_notop", "the same without the classifier", base),
    ]
  }

  private static let classNames = Publication(
    name: "imagenet-classes", kind: .classNames,
    summary: "the names of ImageNet's 1000 classes, for --class-names",
    files: [
      PublishedFile(
        address:
          "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",
        md5: "c2c37ea517e94d9795004a39431a14cb", place: "imagenet_class_index.json")
    ])
}
