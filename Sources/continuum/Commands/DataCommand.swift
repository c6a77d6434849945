// SPDX-License-Identifier: Apache-2.0

import Datasets
import Downloads
import Foundation
import Settings
import Tables

/// `data`: what data sets there are, how to get them, whether they are whole, what they look like.
enum DataCommand: Command {
  enum Action: String, CaseIterable { case list, fetch, verify, preview }

  static let name = "data"
  static let summary = "list, fetch, verify or preview data sets"
  static let operands = Operands(
    usage: "list|fetch|verify|preview DATASET", count: 1...64)
  enum Flags {
    static let settings = Flag(
      repeated: "set", "FIELD=VALUE", "a field of the data set, e.g. lambda=1")
    static let output = Flag<String?>("output", "FILE.png", "where the preview goes")
    static let from = Flag<String?>(
      "from", "URL", "fetch from this address instead of the publisher's")
  }
  static let flags: [any AnyFlag] =
    [CommonFlags.data, Flags.settings, Flags.output, Flags.from] + PictureCheck.Flags.all
  static let discussion = """
    list     the data sets, and where each comes from; takes no DATASET.
    fetch    downloads published files into the data folder (with the program curl), goes on with a
             download that broke off, and checks the publisher's checksum. Takes several names: data
             sets, Keras' ImageNet weights (xception, inception-v3, vgg16, resnet152, each also with
             -notop) and imagenet-classes.
    verify   reads DATASET whole, compares a published set with its checksums, counts images by class
             and split and gives their SHA-256; of a folder of pictures, all are decoded.
    preview  writes a contact sheet of DATASET's training images, a row for each class.
    DATASET is one of the listed names, or JSON as an experiment has it under `data`.
    """
  static let examples = [
    "continuum data list",
    "continuum data verify coupling --set train=1024 --set test=512",
    "continuum data preview coupling --set lambda=1 --output coupling.png",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let action: Action = try arguments.action()
    switch action {
    case .list: try list(arguments)
    case .fetch: try DataFetch(arguments).run(context.console)
    case .verify: try verify(arguments, context)
    case .preview: try preview(arguments, context)
    }
  }

  private static func list(_ arguments: Arguments) throws {
    guard arguments.operands.count == 1 else {
      throw CommandError.refused(
        "\"\(arguments.operands[1])\" is one argument too many; usage: continuum data list")
    }
    // Some sets come as several files, each with a long address: a line for each.
    let entries = DatasetZoo.catalogue.map { entry in
      let addresses = entry.source.replacing(" http", with: "\nhttp").split(separator: "\n")
      return "\(entry.key): \(entry.summary)\n"
        + addresses.map { "  \($0)\n" }.joined()
    }
    let others = Publication.all.filter { $0.kind != .dataset }.map { publication in
      "\(publication.name): \(publication.summary)\n  \(publication.files[0].address)\n"
    }
    try Output.write((entries + others).joined(separator: "\n"))
  }

  private static func verify(_ arguments: Arguments, _ context: Context) throws {
    let splits = try load(arguments, context, hashing: .anew)
    try PictureCheck(isStrict: arguments.has(PictureCheck.Flags.strict), console: context.console)
      .run(splits)
    let sets = [("train", splits.train), ("validation", splits.validation), ("test", splits.test)]
      .compactMap { name, set in set.map { (name, $0) } }
    let size = splits.train.size
    var table = TextTable(["class"] + sets.map(\.0))
    let counts = sets.map { classCounts($0.1) }
    table.rows = splits.train.classNames.enumerated().map { index, name in
      [.text(name)] + counts.map { .integer($0[index]) }
    }
    table.totals = [.text("all")] + sets.map { .integer($0.1.count) }
    let facts = splits.facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    try Output.write(
      "\(splits.name), \(size.height)×\(size.width)×\(size.channels)\n\n"
        + table.rendered(as: .text) + (facts.isEmpty ? "" : "\n" + facts)
        + (PictureCheck.passedOverNote(splits.passedOver).map { "\n\($0)\n" } ?? "")
        + (splits.digest.map { "\nSHA-256 of the contents \($0)\n" } ?? ""))
  }

  private static func preview(_ arguments: Arguments, _ context: Context) throws {
    let output = try arguments.required(Flags.output, "must name a PNG file")
    guard (output as NSString).pathExtension.lowercased() == "png" else {
      throw arguments.error(Flags.output, "must end in .png")
    }
    let splits = try load(arguments, context, hashing: .none)
    let set = splits.train
    // An image of other than one or three channels is shown channel by channel, three a row.
    let isPicture = set.size.channels == 1 || set.size.channels == 3
    let columns = isPicture ? 16 : 6
    let width = columns * (isPicture ? 1 : 3) * set.size.width
    // Small images are enlarged, so that a sheet is about a thousand pixels wide.
    try ContactSheet.write(
      set, columns: columns, rows: min(set.classNames.count, 20),
      scale: max(1, min(8, 1000 / max(width, 1))), to: output)
    try Output.write("\(output)\n")
  }

  private static func classCounts(_ set: ImageSet) -> [Int] {
    var counts = Array(repeating: 0, count: set.classNames.count)
    for label in set.labels { counts[label] += 1 }
    return counts
  }

  private static func load(
    _ arguments: Arguments, _ context: Context, hashing: Hashing
  ) throws -> DatasetSplits {
    let description = try description(arguments)
    context.console.note("reading \(description.kind)")
    return try description.load(directory: arguments[CommonFlags.data], hashing: hashing)
  }

  /// The data set that the operand names, with the fields of `--set`.
  private static func description(_ arguments: Arguments) throws -> DatasetDescription {
    guard arguments.operands.count == 2 else {
      throw CommandError.refused(
        arguments.operands.count == 1
          ? "DATASET is missing; usage: \(usage)"
          : "\"\(arguments.operands[2])\" is one argument too many; usage: \(usage)")
    }
    return try DatasetArgument.description(
      arguments.operands[1],
      settings: arguments[Flags.settings]
        + PictureCheck.settings(arguments).map { "\($0.field)=true" })
  }
}
