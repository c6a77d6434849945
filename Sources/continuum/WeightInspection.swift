// SPDX-License-Identifier: Apache-2.0

import Settings
import Tables
import Weights

/// `weights inspect`: layers, arrays and the range of their values.
enum WeightInspection {
  static func run(_ arguments: Arguments) throws {
    let format = try arguments[WeightsCommand.Flags.format]
    let files = try arguments.operands.dropFirst().map { path in
      try Report(try WeightFile(path, reading: .child))
    }
    switch format {
    case .text: try Output.write(files.map(\.text).joined(separator: "\n"))
    case .json:
      try Output.write(JSONDocument.object([("files", .list(files.map(\.json)))]).rendered)
    }
  }

  /// One file with the statistics of its arrays.
  struct Report {
    let path: String
    let outline: WeightOutline
    let statistics: [ArrayStatistics]

    init(_ file: WeightFile) throws(WeightError) {
      var statistics: [ArrayStatistics] = []
      try file.read(where: { _ in true }, requiresFinite: false) { _, values in
        statistics.append(ArrayStatistics(values))
      }
      self.statistics = statistics
      path = file.path
      outline = file.outline
    }

    /// Layers with the positions of their arrays.
    fileprivate var layers: [(layer: WeightOutline.Layer, arrays: Range<Int>)] {
      var next = 0
      return outline.layers.map { layer in
        defer { next += layer.arrays.count }
        return (layer, next..<next + layer.arrays.count)
      }
    }

    fileprivate var facts: [(String, String)] {
      [
        ("form", outline.format.rawValue), ("network", outline.network),
        ("input", outline.input?.shapeText), ("classes", outline.classes.map(String.init)),
        ("kerasVersion", outline.kerasVersion), ("backend", outline.backend),
        ("aside", outline.aside.isEmpty ? nil : outline.aside.prefix(10).joined(separator: ", ")),
      ].compactMap { name, value in value.map { (name, $0) } }
    }

    /// The first of the classes' names, in a line.
    fileprivate var shownNames: [(String, String)] {
      guard let names = outline.classNames else { return [] }
      let more = names.count > 10 ? ", … (\(names.count))" : ""
      return [("classNames", names.prefix(10).map(printable).joined(separator: ", ") + more)]
    }
  }
}

// MARK: Forms

extension WeightInspection.Report {
  var text: String {
    let isKeyed = !outline.isOrdered
    var table = TextTable(
      (isKeyed ? ["key"] : []) + ["layer", "array", "shape", "values", "min", "max", "mean"])
    for (layer, positions) in layers where !positions.isEmpty {
      for (array, position) in zip(layer.arrays, positions) {
        let statistics = statistics[position]
        let names = (isKeyed ? [layer.key ?? ""] : []) + [layer.name, array.name]
        table.rows.append(
          names.map { .text(printable($0)) }
            + [
              .text(array.shape.shapeText), .integer(array.count),
              Self.cell(statistics.minimum.map(Double.init)),
              Self.cell(statistics.maximum.map(Double.init)), Self.cell(statistics.mean),
            ])
      }
    }
    let blank = Array(repeating: TextTable.Cell.text(""), count: table.titles.count - 5)
    table.totals =
      [.text("total")] + blank
      + [.integer(outline.count), .text(""), .text(""), .text("")]
    let shown = facts.map { ($0, printable($1)) } + shownNames
    let head = shown.map { "\($0): \($1)\n" }.joined()
    let bad = statistics.reduce(0) { $0 + $1.nonFinite }
    let warning = bad == 0 ? "" : "\(bad) values are not finite; such files are not loaded\n"
    return "\(path)\n\(head)\n\(table.rendered(as: .text))\(warning)"
  }

  var json: JSONDocument {
    let layers = layers.map { layer, positions in
      JSONDocument.object([
        ("name", .text(layer.name)), ("key", layer.key.map(JSONDocument.text) ?? .value(.null)),
        (
          "arrays",
          .list(zip(layer.arrays, positions).map { Self.json($0, statistics[$1]) })
        ),
      ])
    }
    let names = outline.classNames.map { [("classNames", JSONDocument.texts($0))] } ?? []
    return .object(
      [("file", .text(path))] + facts.map { ($0, .text($1)) } + names
        + [
          ("values", .integer(outline.count)), ("arrays", .integer(outline.arrays.count)),
          ("layers", .list(layers)),
        ])
  }

  private static func json(
    _ array: WeightOutline.Array, _ statistics: ArrayStatistics
  ) -> JSONDocument {
    func number(_ value: Double?) -> JSONDocument {
      value.map(JSONDocument.number) ?? .value(.null)
    }
    return .object([
      ("name", .text(array.name)), ("shape", .list(array.shape.map(JSONDocument.integer))),
      ("values", .integer(array.count)), ("min", number(statistics.minimum.map(Double.init))),
      ("max", number(statistics.maximum.map(Double.init))), ("mean", number(statistics.mean)),
      ("nonFinite", .integer(statistics.nonFinite)),
    ])
  }

  private static func cell(_ number: Double?) -> TextTable.Cell {
    number.map { .number($0, decimals: 5) } ?? .empty
  }
}
