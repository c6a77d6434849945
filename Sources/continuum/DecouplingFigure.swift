// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Reports
import Tables

/// The figures of `decouple`.
enum DecouplingFigure {
  /// What kernels of each known λ read, and between which values a further one would.
  static func curve(_ calibration: CouplingCalibration) -> CategoryFigure {
    let levels = calibration.curve.levels
    let marks = levels.enumerated().map { index, level in
      CategoryFigure.Mark(
        place: index, value: level.mean, interval: level.prediction(), singles: level.readings)
    }
    return CategoryFigure(
      title: "How decoupled do kernels become where the coupling λ is known?",
      subtitle: "\(calibration.count) regular convolutions trained on textures · mean, and where a "
        + "further kernel lies, 95 %; dots: single kernels",
      axisTitle: "λ of the images: 0 decoupled, 1 coupled",
      places: levels.map { NumberText.fixed($0.lambda, decimals: 2) },
      valueTitle: "share per output above chance", range: range(of: marks),
      series: [CategoryFigure.Series(name: "", marks: marks)])
  }

  /// Layer by layer from the first to the last: the mean over the files, and each of them.
  ///
  /// - Parameter rows: one a layer and file.
  static func layers(_ rows: [DecouplingRow]) -> CategoryFigure {
    let means = DecouplingRow.means(of: rows)
    let measures: [(name: String, value: (DecouplingRow) -> Double)] = [
      ("per output", \.excess), ("per input", \.excessPerInput),
    ]
    let series = measures.map { name, value in
      CategoryFigure.Series(
        name: name,
        marks: means.enumerated().map { index, mean in
          let own = rows.filter { $0.layer == mean.layer && $0.shape == mean.shape }
          return CategoryFigure.Mark(
            place: index, value: value(mean), singles: own.count > 1 ? own.map(value) : [])
        })
    }
    let files = Set(rows.map(\.file)).count
    return CategoryFigure(
      title: "How separable is each spatial convolution?",
      subtitle: files == 1
        ? "1 file" : "\(files) files · mean; dots: single files", axisTitle: "layer",
      places: means.count > mostNames
        ? means.indices.map { "\($0 + 1)" } : means.map(\.layer),
      valueTitle: "share above chance", range: range(of: series.flatMap(\.marks)), series: series)
  }

  /// More layers are numbered in the order of the table.
  private static let mostNames = 8

  /// From chance, which is 0, or below it, to exactly separable.
  static func range(of marks: [CategoryFigure.Mark]) -> ClosedRange<Double> {
    let values = marks.flatMap { mark in
      [mark.value, mark.interval?.lowerBound, mark.interval?.upperBound].compactMap(\.self)
        + mark.singles
    }
    return min(0, (values.min() ?? 0) - 0.03)...max(1, values.max() ?? 1)
  }
}
