// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Records
import Settings
import Training
import Weights

/// `predict`: what a network with given weights says of pictures or of images in an HDF5 file.
enum Predict: Command {
  enum Format: String, CaseIterable { case text, csv, json }

  static let name = "predict"
  static let summary = "what a network says of pictures"
  static let operands = Operands(usage: "[NETWORK] [FILE…]", count: 0...1_000_000)
  enum Flags {
    static let input = Flag(
      repeated: "input", "FILE", "a picture, a folder of pictures, or an HDF5 file",
      isRequired: true)
    static let output = Flag<String?>(
      "output", "FILE.h5", "write /logits and /probabilities of all images")
    static let top = Flag("top", default: 5, in: 1...1000, "classes shown for each image")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] =
    WeightedNetwork.Flags.all + [
      Flags.input, Flags.output, CommonFlags.overwrite, Flags.top, Flags.format,
    ]
  static let discussion = """
    NETWORK is what the weights are for; files of ours, run files among them, know it themselves, and
    the size, classes, names and preprocessing of what it was trained on.
    Pictures (JPEG, PNG) are turned upright, resized, cropped and scaled as the network's published
    evaluation does it, unless --preprocessing says otherwise. An HDF5 file holds /images, float32
    [N, H, W, C], which are used as they are. More files may follow the first: --input *.jpg.
    A file of a whole model of Keras is followed: the size of its images, its Rescaling or
    Normalization, and the sigmoid that it ends in. Rows of --output stand in the order of the table.
    Classes have the names that the weight file keeps, if it is ours, unless --class-names gives others.
      continuum predict xception --weights xception.h5 --input *.jpg \\
        --class-names imagenet_class_index.json
    """
  static let examples = [
    "continuum predict --weights probe.h5 --input pictures/class3/0.png --top 3",
    "continuum predict probe --weights probe.h5 --input pictures --output said.h5 --format csv",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let top = try arguments[Flags.top]
    let chosenBatch = try arguments[WeightedNetwork.Flags.batch]
    let format = try arguments[Flags.format]
    if let output = arguments[Flags.output] {
      let inputs = arguments[Flags.input] + arguments.operands
      try arguments.checkOutput(
        output, from: inputs + arguments.values(of: WeightedNetwork.Flags.weights))
    }
    var pictures = arguments.operands[...]
    let network = try WeightedNetwork(arguments) { file in
      let isNamed = pictures.first.map { NetworkOfWeights.isNamed(by: $0, besides: file) } ?? false
      return isNamed ? pictures.removeFirst() : nil
    }
    let names = try network.classNames(arguments)
    let inputs = arguments[Flags.input] + pictures
    let images = try network.usable(PredictionImages(inputs, network.preprocessing), context)
    // Whole batches, as nearly as they can be: the last one is not mostly filling.
    let count = images.set.count
    let most = min(chosenBatch ?? min(32, Evaluator.usualBatch(images.set.size)), count)
    let batches = (count + most - 1) / most
    let evaluator = try network.evaluator(
      on: images.set, standardization: nil, batch: (count + batches - 1) / batches, context)
    let said = try evaluator.evaluate(keepsLogits: true) { done in
      context.console.progress(
        "\(done) of \(images.set.count) images",
        fraction: Double(done) / Double(images.set.count))
    }
    context.console.endProgress()
    try network.checkAnswers(said) { images.names[$0] }
    network.notes.forEach(context.console.note)
    let probabilities = network.probabilities(of: said)
    if let output = arguments[Flags.output] {
      try write(said, probabilities, classes: network.classes, to: output)
    }
    let answers = Answers(
      images: images.names, probabilities: probabilities, classes: network.classes,
      top: top, names: names)
    try Output.write(answers.rendered(as: format))
  }

  private static func write(
    _ said: Evaluation, _ probabilities: [Float], classes: Int, to path: String
  ) throws {
    let shape = [said.losses.count, classes]
    StaleFiles.remove(besides: path)
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.write(said.logits, shape: shape, to: "logits")
      try root.write(probabilities, shape: shape, to: "probabilities")
    }
  }
}

/// The images that `predict` is given, and what each is called.
struct PredictionImages {
  var set: ImageSet
  var names: [String]
  /// What was passed over in folders.
  var passedOver: [String] = []

  /// - Throws: where a file is not there, is none of the kinds, or kinds are mixed.
  init(_ inputs: [String], _ preprocessing: PicturePreprocessing) throws {
    guard let first = inputs.first else {
      throw CommandError.refused("--input is missing; it names pictures, folders or an HDF5 file")
    }
    guard let tables = inputs.first(where: Self.isTable) else {
      let files = try PictureList.files(at: inputs)
      set = PictureList.unlabelled(files.pictures, preprocessing)
      names = files.pictures
      passedOver = files.passedOver
      return
    }
    guard inputs.count == 1 else {
      throw CommandError.refused("\(tables): an HDF5 file of images must be the only input")
    }
    set = try Self.images(inFile: first)
    names = (0..<set.count).map { "\(first):\($0)" }
  }

  private static func isTable(_ path: String) -> Bool {
    [".h5", ".hdf5"].contains { path.lowercased().hasSuffix($0) }
  }

  private static func images(inFile path: String) throws -> ImageSet {
    let images = try ForeignArray("images", inFile: path, reading: .child)
    let shape = images.shape
    guard shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw WeightError(
        file: path, object: "/images", rule: "has the shape \(shape); it must be [N, H, W, C]")
    }
    guard let bad = images.values.firstIndex(where: { !$0.isFinite }) else {
      return ImageSet(
        size: ImageSize(height: shape[1], width: shape[2], channels: shape[3]),
        classNames: ["unknown"], labels: Array(repeating: 0, count: shape[0]),
        pixels: .floats(images.values))
    }
    let image = bad / (images.values.count / shape[0])
    throw WeightError(
      file: path, object: "/images",
      rule: "has \(images.values[bad]) in image \(image); all must be finite")
  }
}

extension WeightedNetwork {
  /// The images that can be used.
  ///
  /// - Throws: all pictures that are damaged, unless they are to be left out; or where nothing says what
  ///   pictures go through.
  fileprivate func usable(
    _ images: PredictionImages, _ context: Context
  ) throws -> PredictionImages {
    guard case .files = images.set.pixels else { return images }
    try checkPictures()
    var usable = images
    usable.set = try checkedPictures(images.set, passedOver: images.passedOver, context)
    if case .files(let files) = usable.set.pixels { usable.names = files.names }
    return usable
  }
}
