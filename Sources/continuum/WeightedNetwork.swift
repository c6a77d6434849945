// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels
import ModelZoo
import Records
import Settings
import Training
import Weights

/// A network and the file that holds its weights, as `predict` and `evaluate` are given them.
struct WeightedNetwork {
  let network: NetworkDescription
  let classes: Int
  /// What pictures go through.
  let preprocessing: PicturePreprocessing
  /// The data set of the run that the weights come from, where it held no pictures in files and
  /// nobody says what pictures go through.
  private let foreignDataset: String?
  private let file: WeightFile
  var filePath: String { file.path }
  /// What a file of a whole model says beside its weights.
  let statements: ModelStatements?
  /// Whether it is folded; else every op runs by itself.
  private let fuses: Bool
  /// Whether it answers with the mean of a picture and its mirror image.
  private let flips: Bool
  /// Whether pictures that are decoded with warnings count as damaged, and damaged ones are left out.
  private let isStrict: Bool
  private let skipsDamaged: Bool

  enum Flags {
    static let weights = Flag<String?>("weights", "FILE", "the weights", isRequired: true)
    static let classes = Flag<Int?>(
      "classes", in: 1...1_000_000, "its classes (as the file says, or is published)")
    static let classNames = Flag<String?>(
      "class-names", "JSON",
      "imagenet_class_index.json, class_indices, or a list of names (those in the weight file)")
    static let preprocessing = Flag<String?>(
      "preprocessing", "JSON",
      "what pictures go through, e.g. '{\"size\": 224, \"scaling\": \"caffe\"}'")
    static let batch = Flag<Int?>(
      "batch", in: 1 ... .max, "images at a time, at most (as many as their size allows)")
    static let plain = Flag(
      "plain", "run every op by itself, the reference for the folded network")
    static let testTimeFlip = Flag(
      "test-time-flip",
      "answer with the mean logits of a picture and its mirror image (as the run did)")

    static let all: [any AnyFlag] =
      [
        weights, classes, classNames, preprocessing, batch, plain, testTimeFlip,
      ] + PictureCheck.Flags.all
  }

  /// Reads what is in the weight file, without its numbers.
  ///
  /// - Parameter named: the operand that names the network, if one does; asked once the file is known.
  init(_ arguments: Arguments, named: (WeightFile) -> String?) throws {
    let path = try arguments.required(Flags.weights, "names a weight file")
    file = try WeightFile(path, reading: .child)
    let word = named(file)
    let known = try NetworkOfWeights(file, named: word, role: NetworkArgument.role)
    network = known.description
    fuses = !arguments.has(Flags.plain)
    isStrict = arguments.has(PictureCheck.Flags.strict)
    skipsDamaged = arguments.has(PictureCheck.Flags.skipDamaged)
    classes = try arguments[Flags.classes] ?? known.classes ?? network.usualClasses
    let trained = file.outline.trained
    flips = arguments.has(Flags.testTimeFlip) || trained.flips
    let size = known.input?.height ?? network.preprocessing.size
    if let front = file.unknownFront, !arguments.has(Flags.preprocessing) {
      throw file.unsaid(front)
    }
    statements = try Self.statements(of: file, named: word, network, size: size, classes: classes)
    var usual = network.preprocessing.sized(size)
    if let statements { usual = try Self.preprocessing(of: statements, path, default: usual) }
    let stated = try trained.pictures(of: path, default: usual)
    usual = stated ?? usual
    guard let text = arguments[Flags.preprocessing] else {
      preprocessing = usual
      foreignDataset = stated == nil ? try trained.kind(of: path) : nil
      return
    }
    preprocessing = try Self.preprocessing(
      text, instead: usual, of: statements, network, file: path)
    foreignDataset = nil
  }

  /// - Throws: where nothing says what pictures go through.
  func checkPictures() throws(CommandError) {
    guard let foreignDataset else { return }
    throw .refused(
      "\(file.path) was trained on \(foreignDataset), which says nothing of pictures in files; "
        + "--preprocessing must say what they go through")
  }

  /// The pictures that can be used.
  ///
  /// - Throws: all that are damaged, unless they are to be left out.
  func checkedPictures(
    _ set: ImageSet, passedOver: [String], _ context: Context
  ) throws(CommandError) -> ImageSet {
    try PictureCheck(isStrict: isStrict, console: context.console)
      .usable(set, passedOver: passedOver, skipsDamaged: skipsDamaged)
  }

  /// Those of `--class-names`, if given, or else those that the weight file keeps.
  func classNames(_ arguments: Arguments) throws -> ClassNames? {
    guard let path = arguments[Flags.classNames] else {
      return storedNames.map(ClassNames.init(stored:))
    }
    let said = try ClassNames(file: path, classes: classes)
    if let own = storedNames, own != said.names, own.sorted() == said.names.sorted() {
      throw CommandError.refused(
        "\(path) has the names that \(file.path) keeps, in another order; leave --class-names out")
    }
    return said
  }

  private var storedNames: [String]? {
    let names = file.outline.classNames
    return names?.count == classes ? names : nil
  }

  /// Checks that labelled images have the classes that the weights were trained on, as far as both
  /// say so and nobody says otherwise by `--class-names`.
  func checkClasses(of set: ImageSet, _ arguments: Arguments) throws(CommandError) {
    let names = set.classNames
    guard names.count == classes else {
      throw .refused("the images have \(names.count) classes; the network has \(classes)")
    }
    guard !arguments.has(Flags.classNames), let own = storedNames else { return }
    for (label, (name, ownName)) in zip(names, own).enumerated() where name != ownName {
      throw .refused(
        "class \(label) is \"\(printable(name))\" among the images and "
          + "\"\(printable(ownName))\" in \(file.path); --class-names says what the network's are")
    }
  }

  /// - Throws: where answers are not finite, with the first images that got such.
  func checkAnswers(_ said: Evaluation, name: (Int) -> String) throws(CommandError) {
    let bad = said.nonFinite
    guard !bad.isEmpty else { return }
    let more = bad.count > 3 ? " and \(bad.count - 3) more" : ""
    throw .failed(
      "\(file.path) gives NaN or infinity for \(bad.count) of \(said.losses.count) images: "
        + bad.prefix(3).map { printable(name($0)) }.joined(separator: ", ") + more)
  }

  /// What runs the network, with its weights from the file, over images.
  ///
  /// - Parameter batch: images at a time, at most.
  /// - Throws: where the weights do not fit, or the machine has less memory than it takes.
  func evaluator(
    on set: ImageSet, standardization: Standardization?, batch: Int, _ context: Context
  ) throws -> Evaluator {
    let size = set.size
    let shape = Shape(height: size.height, width: size.width, channels: size.channels)
    guard statements?.takes(shape) ?? true else {
      throw CommandError.refused(
        "the images are \(shape); the model in \(file.path) is for "
          + (statements?.inputText ?? ""))
    }
    var graph = try network.graph(input: shape, classes: classes)
    if let statements { graph = graph.settingEpsilons(statements.epsilons) }
    let weights = MemoryDemand(graph, mode: .inference, batch: 1, threads: 1).parameterBytes
    let isInFiles = if case .files = set.pixels { true } else { false }
    try MemoryShortage.check(
      "\(graph.name): inference", batch: min(batch, set.count),
      free: .now.ofProcess(threads: context.threads)
    ) { batch in
      let evaluation = Evaluator.bytes(
        graph, size, count: set.count, batch: batch, isInFiles: isInFiles,
        fuses: fuses, flips: flips, threads: context.threads)
      return MemoryDemand.sum([weights, evaluation])
    }
    let memory = try ParameterMemory(graph)
    _ = try file.load(into: memory, of: graph, statements: .areFollowed)
    return try Evaluator(
      graph, on: set, standardization: try self.standardization(of: set, usual: standardization),
      batch: batch, parameters: memory, fuses: fuses, flips: flips,
      pool: ThreadPool(threads: context.threads))
  }
}
