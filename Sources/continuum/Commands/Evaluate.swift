// SPDX-License-Identifier: Apache-2.0

import Tables
import Datasets
import Engine
import ExperimentRunner
import Reports
import Settings
import Training

/// `evaluate`: how well a network with given weights does on labelled images.
enum Evaluate: Command {
  enum Format: String, CaseIterable { case text, markdown, latex, csv, json }

  static let name = "evaluate"
  static let summary = "how well a network with given weights does: top-1, top-5, loss"
  static let operands = Operands(usage: "[NETWORK]", count: 0...1)
  enum Flags {
    static let dataset = Flag<String?>(
      "dataset", "KIND", "evaluate on the test set of a data set", words: DatasetZoo.keys)
    static let settings = Flag(repeated: "set", "FIELD=VALUE", "a field of the data set")
    static let input = Flag<String?>(
      "input", "FOLDER", "evaluate on FOLDER/CLASS/*.jpg, all of them")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] =
    WeightedNetwork.Flags.all + [
      Flags.dataset, Flags.settings, Flags.input, CommonFlags.data, Flags.format,
    ]
  static let discussion = """
    NETWORK is what the weights are for; files of ours, run files among them, know it themselves.
    Give --dataset (`data list` shows them) or --input. The classes of FOLDER are its sub-folders.
    They are found by the names that the weight file keeps, if it is ours, or by the identifiers or
    names of --class-names, and some may be missing. Where neither says what the classes are, the
    sub-folders in the order of their names are the network's classes, all of them.
    Intervals hold in 95 of 100 cases: Wilson's for shares, the normal one for the mean loss. They
    speak of the choice of images, not of another training.
    """
  static let examples = [
    "continuum evaluate --weights probe.h5 --input pictures",
    "continuum evaluate probe --weights probe.h5 --dataset image-folder --set path=pictures",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let batch = try arguments[WeightedNetwork.Flags.batch]
    if let word = arguments.operands.first { try NetworkArgument.checkIsNoWeights(word) }
    let network = try WeightedNetwork(arguments) { _ in arguments.operands.first }
    try network.checkEvaluates()
    let (set, standardization) = try images(arguments, network, context)
    guard set.count > 0 else {
      throw CommandError.refused("the test set has no images")
    }
    try network.checkClasses(of: set, arguments)
    let evaluator = try network.evaluator(
      on: set, standardization: standardization, batch: batch ?? Evaluator.usualBatch(set.size),
      context)
    let evaluation = try evaluator.evaluate { done in
      context.console.progress(
        "\(done) of \(set.count) images", fraction: Double(done) / Double(set.count))
    }
    context.console.endProgress()
    network.notes.forEach(context.console.note)
    try network.checkAnswers(evaluation) { image in
      guard case .files(let files) = set.pixels else { return "image \(image)" }
      return files.names[image]
    }
    try Output.write(Report(evaluation, images: set.count).rendered(as: format))
  }

  private static func images(
    _ arguments: Arguments, _ network: WeightedNetwork, _ context: Context
  ) throws -> (ImageSet, Standardization?) {
    switch (arguments[Flags.dataset], arguments[Flags.input]) {
    case (let word?, nil):
      let description = try DatasetArgument.description(
        word, settings: arguments[Flags.settings], preprocessing: network.preprocessing)
      try MemoryShortage.check(
        "\(description.kind): reading its images takes", bytes: description.loadingBytes,
        free: .now.ofProcess(threads: 1), remedy: "fewer or smaller images take less")
      let data = try LoadedData(description, directory: arguments[CommonFlags.data])
      let test = try network.checkedPictures(
        data.splits.test, passedOver: data.splits.passedOver, context)
      return (test, data.standardization)
    case (nil, let folder?):
      guard !arguments.has(Flags.settings) else {
        throw CommandError.refused("--set means nothing without --dataset")
      }
      try network.checkPictures()
      let found = try PictureList.labelled(
        folder: folder, network.preprocessing, classes: network.classes,
        names: network.classNames(arguments))
      let set = try network.checkedPictures(found.set, passedOver: found.passedOver, context)
      return (set, nil)
    default:
      throw CommandError.refused("one of --dataset and --input must be given")
    }
  }

  /// Shares and loss with their intervals.
  private struct Report {
    let images: Int
    let shares: [(name: String, interval: ShareInterval)]
    let loss: MeanInterval

    init(_ evaluation: Evaluation, images: Int) {
      self.images = images
      shares = [("top-1", evaluation.top1), ("top-5", evaluation.top5)].map { name, share in
        let successes = Int((share * Double(images)).rounded())
        return (name, ShareInterval(successes: successes, of: images))
      }
      loss = MeanInterval(evaluation.losses)
    }

    func rendered(as format: Format) -> String {
      switch format {
      case .text: "\(NumberText.grouped(images)) images\n\n" + table.rendered(as: .text)
      case .markdown: table.rendered(as: .markdown)
      case .latex: table.rendered(as: .latex)
      case .csv: table.rendered(as: .csv)
      case .json: json.rendered
      }
    }

    private var table: TextTable {
      var table = TextTable(["", "value", "95 % from", "to"])
      table.rows = shares.map { name, interval in
        [.text("\(name) (%)")]
          + [interval.share, interval.lower, interval.upper].map {
            .number(100 * $0, decimals: 2)
          }
      }
      let bounds = loss.half.map { [loss.mean - $0, loss.mean + $0] } ?? []
      table.rows.append(
        [.text("loss"), .number(loss.mean, decimals: 4)]
          + (bounds.isEmpty ? [.empty, .empty] : bounds.map { .number($0, decimals: 4) }))
      return table
    }

    private var json: JSONDocument {
      let bounds = loss.half.map { [loss.mean - $0, loss.mean + $0] } ?? []
      return .object(
        [("images", .value(.integer(images)))]
          + shares.map { name, interval in
            (
              name.replacing("-", with: ""),
              .object([
                ("value", .number(interval.share)), ("lower", .number(interval.lower)),
                ("upper", .number(interval.upper)),
              ])
            )
          } + [
            (
              "loss",
              .object(
                [("value", .number(loss.mean))]
                  + zip(["lower", "upper"], bounds).map { ($0, .number($1)) })
            )
          ])
    }
  }
}
