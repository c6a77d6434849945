// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Settings
import Tables
import Weights

/// A spatial kernel of a file with its reading and what chance would read.
struct DecouplingRow {
  let file: String
  let layer: String
  let shape: [Int]
  let reading: KernelDecoupling
  let null: NullDecoupling
  /// How many kernels the reading is the mean of.
  var kernels = 1

  /// The share per output above what chance reads.
  var excess: Double {
    CouplingCurve.reading(of: reading.perOutput, null: null.mean.perOutput)
  }

  /// The share per input above what chance reads.
  var excessPerInput: Double {
    CouplingCurve.reading(of: reading.perInput, null: null.mean.perInput)
  }

  /// One row a layer, the mean over the files that have it with a kernel of one shape.
  static func means(of rows: [DecouplingRow]) -> [DecouplingRow] {
    var groups: [[DecouplingRow]] = []
    var places: [String: Int] = [:]
    for row in rows {
      let key = "\(row.layer) \(row.shape)"
      if let place = places[key] {
        groups[place].append(row)
      } else {
        places[key] = groups.count
        groups.append([row])
      }
    }
    return groups.map { group in
      DecouplingRow(
        file: group.map(\.file).joined(separator: " "), layer: group[0].layer,
        shape: group[0].shape, reading: .mean(of: group.map(\.reading)), null: group[0].null,
        kernels: group.count)
    }
  }

  /// The kernels of a file, in its order.
  ///
  /// - Parameter progress: told the share of arrays that are done.
  static func rows(
    of file: WeightFile, _ nulls: inout NullReadings,
    progress: (Double) -> Void
  ) throws(WeightError) -> [DecouplingRow] {
    let arrays = file.outline.layers.flatMap { layer in layer.arrays.map { (layer, $0) } }
    var rows: [DecouplingRow] = []
    try file.read(where: { isSpatial(arrays[$0].0, arrays[$0].1) }) { position, values in
      let (layer, array) = arrays[position]
      progress(Double(position) / Double(arrays.count))
      for (part, kernel) in kernels(values, shape: array.shape).enumerated() {
        guard let reading = KernelDecoupling(kernel, segmentWidths: nulls.segmentWidths)
        else { continue }
        let segment = array.shape.count > 4 ? ", segment \(part + 1)" : ""
        rows.append(
          DecouplingRow(
            file: file.path, layer: printable(name(layer, array) + segment),
            shape: Array(array.shape.suffix(4)), reading: reading, null: nulls.reading(of: kernel)))
      }
    }
    return rows
  }

  /// A kernel `[h, w, in, out]`, or `[segments, h, w, in, out]`, with more than one tap. Depthwise
  /// ones, which the names of arrays or of Keras' classes tell, and those of one output are left out:
  /// they are separable by their making.
  private static func isSpatial(_ layer: WeightOutline.Layer, _ array: WeightOutline.Array) -> Bool
  {
    guard array.shape.count == 4 || array.shape.count == 5 else { return false }
    let kernel = Array(array.shape.suffix(4))
    let names = [layer.key ?? "", layer.name, array.name]
    let isDepthwise = ["depthwise", "separable_conv"].contains { word in
      names.contains { $0.contains(word) }
    }
    return kernel[0] * kernel[1] > 1 && kernel[2] > 0 && kernel[3] > 1 && !isDepthwise
  }

  private static func kernels(_ values: [Float], shape: [Int]) -> [SpatialKernel] {
    let own = Array(shape.suffix(4))
    let count = own.reduce(1, *)
    return stride(from: 0, to: values.count, by: count).compactMap { start in
      SpatialKernel(Array(values[start..<start + count]), shape: own)
    }
  }

  /// The layer's name, or the array's where it says more.
  private static func name(_ layer: WeightOutline.Layer, _ array: WeightOutline.Array) -> String {
    layer.name.isEmpty ? array.name : layer.name
  }
}

/// The readings of `decouple` as a table.
struct DecouplingTable {
  let rows: [DecouplingRow]
  let segmentWidths: [Int]
  /// What λ is read off; nil where nothing calibrates.
  let curve: CouplingCurve?

  /// One measure of a reading.
  private struct Measure {
    let title: String
    let key: String
    let value: (KernelDecoupling) -> Double?
  }

  private var measures: [Measure] {
    let shares = [
      Measure(title: "per output", key: "perOutput") { $0.perOutput },
      Measure(title: "per input", key: "perInput") { $0.perInput },
    ]
    let segments = segmentWidths.map { width in
      Measure(title: "segments of \(width)", key: "segmentsOf\(width)") { $0.segments[width] }
    }
    return shares + segments
      + [Measure(title: "effective rank", key: "effectiveRank") { $0.effectiveRank }]
  }

  private var hasFiles: Bool { Set(rows.map(\.file)).count > 1 && !hasMeans }
  private var hasMeans: Bool { rows.contains { $0.kernels > 1 } }

  private func like(_ row: DecouplingRow) -> CouplingCurve.Reading? {
    curve?.lambda(of: row.excess, ofMean: row.kernels)
  }

  /// `0.74–0.83`
  static func text(_ range: ClosedRange<Double>, decimals: Int) -> String {
    "\(NumberText.fixed(range.lowerBound, decimals: decimals)) to "
      + NumberText.fixed(range.upperBound, decimals: decimals)
  }

  /// Two decimals more than the null's error.
  var readable: TextTable {
    var titles = (hasFiles ? ["file"] : []) + ["layer", "kernel"] + (hasMeans ? ["n"] : [])
    for measure in measures { titles += [measure.title, "null"] }
    if curve != nil { titles += ["above null", "like λ", "95 % interval"] }
    var table = TextTable(titles)
    table.rows = rows.map { row in
      let names = (hasFiles ? [row.file] : []) + [row.layer, row.shape.shapeText]
      var cells: [TextTable.Cell] = names.map { .text($0) }
      if hasMeans { cells.append(.integer(row.kernels)) }
      for measure in measures {
        cells += [row.reading, row.null.mean].map { Self.cell(measure.value($0), decimals: 3) }
      }
      return cells + likeCells(row)
    }
    return table
  }

  private static func cell(_ value: Double?, decimals: Int) -> TextTable.Cell {
    value.map { .number($0, decimals: decimals) } ?? .empty
  }

  /// A reading beyond the curve is known only to be no less than its end, or no more.
  private func likeCells(_ row: DecouplingRow) -> [TextTable.Cell] {
    guard let curve, let like = like(row) else { return [] }
    let isFirst = like.lambda == curve.levels[0].lambda
    let lambda = NumberText.fixed(like.lambda, decimals: 2)
    return [
      .number(row.excess, decimals: 3),
      .written(like.isBeyond ? "\(isFirst ? "≤" : "≥") \(lambda)" : lambda),
      like.interval.map { .written(Self.text($0, decimals: 2)) } ?? .empty,
    ]
  }

  /// Everything, for programs.
  var data: TextTable {
    var keys = ["file", "layer", "kernel"]
    for measure in measures {
      keys += [measure.key, "\(measure.key)Null", "\(measure.key)NullDeviation"]
    }
    keys += ["kernels", "aboveNull"]
    if curve != nil { keys += ["likeLambda", "likeLambdaLower", "likeLambdaUpper", "isBeyond"] }
    var table = TextTable(keys)
    table.rows = rows.map { row in
      var cells: [TextTable.Cell] = [row.file, row.layer, row.shape.shapeText].map { .text($0) }
      for measure in measures {
        let readings = [row.reading, row.null.mean, row.null.deviation]
        cells += readings.map { Self.cell(measure.value($0), decimals: 6) }
      }
      cells += [.integer(row.kernels), .number(row.excess, decimals: 6)]
      if let like = like(row) {
        let numbers = [like.lambda, like.interval?.lowerBound, like.interval?.upperBound]
        cells += numbers.map { Self.cell($0, decimals: 6) }
        cells.append(.text(like.isBeyond ? "true" : "false"))
      }
      return cells
    }
    return table
  }

  var json: JSONDocument {
    .list(
      rows.map { row in
        let readings = measures.map { measure in
          (
            measure.key,
            JSONDocument.object(
              [
                ("value", row.reading), ("null", row.null.mean),
                ("nullDeviation", row.null.deviation),
              ].map { name, reading in
                (name, measure.value(reading).map(JSONDocument.number) ?? .value(.null))
              })
          )
        }
        return .object(
          [
            ("file", .text(row.file)), ("layer", .text(row.layer)),
            ("shape", .list(row.shape.map(JSONDocument.integer))),
            ("kernels", .integer(row.kernels)),
          ] + readings + [("aboveNull", .number(row.excess))]
            + (like(row).map { [("like", json(of: $0))] } ?? []))
      })
  }

  private func json(of like: CouplingCurve.Reading) -> JSONDocument {
    .object(
      [
        ("lambda", like.lambda), ("lower", like.interval?.lowerBound),
        ("upper", like.interval?.upperBound),
      ].map { ($0, $1.map(JSONDocument.number) ?? .value(.null)) }
        + [("isBeyond", .value(.bool(like.isBeyond)))])
  }
}
