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

  /// The kernels of a file, in its order.
  ///
  /// - Parameter progress: told the share of arrays that are done.
  static func rows(
    of file: WeightFile, segmentWidths: [Int], _ nulls: inout NullReadings,
    progress: (Double) -> Void
  ) throws(WeightError) -> [DecouplingRow] {
    let arrays = file.outline.layers.flatMap { layer in layer.arrays.map { (layer, $0) } }
    var rows: [DecouplingRow] = []
    try file.read(where: { isSpatial(arrays[$0].0, arrays[$0].1) }) { position, values in
      let (layer, array) = arrays[position]
      progress(Double(position) / Double(arrays.count))
      for (part, kernel) in kernels(values, shape: array.shape).enumerated() {
        guard let reading = KernelDecoupling(kernel, segmentWidths: segmentWidths) else { continue }
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

  private var hasFiles: Bool { Set(rows.map(\.file)).count > 1 }

  /// Two decimals more than the null's error.
  var readable: TextTable {
    var table = TextTable(
      (hasFiles ? ["file"] : []) + ["layer", "kernel"]
        + measures.flatMap { [$0.title, "null"] })
    table.rows = rows.map { row in
      let names = (hasFiles ? [row.file] : []) + [row.layer, row.shape.shapeText]
      return names.map { .text($0) }
        + measures.flatMap { measure in
          [row.reading, row.null.mean].map { reading in
            measure.value(reading).map { .number($0, decimals: 3) } ?? .empty
          }
        }
    }
    return table
  }

  /// Everything, for programs.
  var data: TextTable {
    var table = TextTable(
      ["file", "layer", "kernel"]
        + measures.flatMap { [$0.key, "\($0.key)Null", "\($0.key)NullDeviation"] })
    table.rows = rows.map { row in
      [row.file, row.layer, row.shape.shapeText].map { .text($0) }
        + measures.flatMap { measure in
          [row.reading, row.null.mean, row.null.deviation].map { reading in
            measure.value(reading).map { .number($0, decimals: 6) } ?? .empty
          }
        }
    }
    return table
  }

  var json: OrderedJSON {
    .list(
      rows.map { row in
        let readings = measures.map { measure in
          (
            measure.key,
            OrderedJSON.object(
              [
                ("value", row.reading), ("null", row.null.mean),
                ("nullDeviation", row.null.deviation),
              ].map { name, reading in
                (name, measure.value(reading).map(OrderedJSON.number) ?? .value(.null))
              })
          )
        }
        return .object(
          [
            ("file", .text(row.file)), ("layer", .text(row.layer)),
            ("shape", .list(row.shape.map(OrderedJSON.integer))),
          ] + readings)
      })
  }
}
