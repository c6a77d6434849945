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
  /// Whether it is folded; else every op runs by itself.
  private let fuses: Bool

  static let options = [
    Option(name: "weights", value: "FILE", summary: "the weights", isRequired: true),
    Option(
      name: "classes", value: "N", summary: "its classes (as the file says, or is published)"),
    Option(
      name: "class-names", value: "JSON",
      summary: "imagenet_class_index.json, or a list of names"),
    Option(
      name: "preprocessing", value: "JSON",
      summary: "what pictures go through, e.g. '{\"size\": 224, \"scaling\": \"caffe\"}'"),
    Option(
      name: "batch", value: "N", summary: "images at a time, at most (as many as their size allows)"
    ),
    Option(name: "plain", summary: "run every op by itself, the reference for the folded network"),
  ]

  /// Reads what is in the weight file, without its numbers.
  init(_ arguments: Arguments) throws {
    network = try NetworkArgument(arguments.operands[0]).description
    let path = try arguments.required("weights", "names a weight file")
    file = try WeightFile(path, reading: .child)
    fuses = !arguments.has("plain")
    classes =
      try arguments.integer("classes", in: 1...1_000_000)
      ?? file.outline.classes ?? file.outline.classifierClasses ?? network.usualClasses
    let size = file.outline.input?.first ?? network.preprocessing.size
    var usual = network.preprocessing.sized(size)
    var foreign: String?
    if file.outline.format == .run {
      (usual, foreign) = try Self.preprocessing(ofRun: path, default: usual)
    }
    foreignDataset = arguments.has("preprocessing") ? nil : foreign
    if let text = arguments.text("preprocessing") {
      var fields = try Fields(
        try JSON(text: text, source: "--preprocessing"), source: "--preprocessing")
      usual = try PicturePreprocessing(&fields, default: usual)
      try fields.finish()
    }
    preprocessing = usual
  }

  /// What the pictures went through that a run was trained on, or else its data set.
  private static func preprocessing(
    ofRun path: String, default usual: PicturePreprocessing
  ) throws -> (PicturePreprocessing, foreignDataset: String?) {
    let run = try RunRecord(contentsOf: path)
    let configuration = try JSON(text: run.configuration, source: path)
    guard let json = configuration["data.preprocessing"] else {
      guard case .string(let kind)? = configuration["data.kind"] else { return (usual, nil) }
      return (usual, kind)
    }
    var fields = try Fields(json, source: path, path: "data.preprocessing")
    return (try PicturePreprocessing(&fields, default: usual), nil)
  }

  /// - Throws: where nothing says what pictures go through.
  func checkPictures() throws(CommandError) {
    guard let foreignDataset else { return }
    throw .refused(
      "\(file.path) was trained on \(foreignDataset), which says nothing of pictures in files; "
        + "--preprocessing must say what they go through")
  }

  /// `--class-names`, if given.
  func classNames(_ arguments: Arguments) throws -> ClassNames? {
    guard let path = arguments.text("class-names") else { return nil }
    return try ClassNames(try JSON(file: path), source: path, classes: classes)
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
    let graph = try network.graph(input: shape, classes: classes)
    let weights = MemoryDemand(graph, mode: .inference, batch: 1, threads: 1).parameterBytes
    let isInFiles = if case .files = set.pixels { true } else { false }
    try MemoryShortage.check(
      "\(graph.name): inference", batch: min(batch, set.count), free: .now
    ) { batch in
      let evaluation = Evaluator.bytes(
        graph, size, count: set.count, batch: batch, isInFiles: isInFiles,
        fuses: fuses, threads: context.threads)
      return MemoryDemand.sum([weights, evaluation])
    }
    let memory = try ParameterMemory(graph)
    _ = try file.load(into: memory, of: graph)
    return try Evaluator(
      graph, on: set, standardization: standardization, batch: batch, parameters: memory,
      fuses: fuses, pool: ThreadPool(threads: context.threads))
  }
}
