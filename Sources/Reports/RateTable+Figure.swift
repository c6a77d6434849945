// SPDX-License-Identifier: Apache-2.0

import Tables

/// Accuracies over learning rates, one line an arm.
extension RateTable {
  var figure: CategoryFigure {
    let scale = metric.scale
    let means = arms.flatMap(\.trials).compactMap(\.statistics).map { $0.mean * scale }
    let (least, most) = (means.min() ?? 0, means.max() ?? 1)
    let span = max(most - least, 1)
    return CategoryFigure(
      title: "How does \(metric.name) depend on the \(title)?",
      subtitle: table.subtitle + " · mean with 95 % interval, cut at the frame", axisTitle: title,
      places: rates.map(Self.text), valueTitle: metric.title,
      // Intervals of few seeds are wide: the means are what is to be read.
      range: max(0, least - 0.15 * span)...min(100, most + 0.15 * span),
      series: arms.map { arm in
        CategoryFigure.Series(name: arm.name, marks: arm.trials.compactMap(mark))
      })
  }

  private func mark(of trial: Trial) -> CategoryFigure.Mark? {
    guard let statistics = trial.statistics, let place = rates.firstIndex(of: trial.rate) else {
      return nil
    }
    let scale = metric.scale
    let interval = statistics.confidence95.map { half in
      max(0, statistics.mean - half) * scale...min(1, statistics.mean + half) * scale
    }
    return CategoryFigure.Mark(
      place: place, value: statistics.mean * scale, interval: interval)
  }
}
