// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

/// Whether what a run's file says is whole: the checksum tells that a file is as it was written, this
/// that what was written is all of a run.
extension RunRecord {
  /// In what the parts of a finished run contradict each other, or what is missing; nil where all
  /// agree, and of a failed run, which may have stopped anywhere.
  public var contradiction: String? {
    guard status == .finished else { return nil }
    return curveFault ?? metricFault ?? predictionFault
  }

  private var curveFault: String? {
    let json = try? JSON(text: configuration, source: id)
    for (name, values) in curves.sorted(by: { $0.key < $1.key }) {
      guard values.allSatisfy(\.isFinite) else {
        return "the curve \(name) holds what is no number"
      }
      let set = name.split(separator: "/").first.map(String.init) ?? name
      guard let epochs = json?["training.epochs"]?.integerValue else { continue }
      let evaluated = curves["\(set)/epoch"]
      let count = evaluated?.count ?? epochs
      guard values.count == count else {
        return "the curve \(name) has \(values.count) values instead of \(count)"
      }
      guard evaluated.map({ $0.last == Double(epochs) }) ?? true else {
        return "the curve \(name) ends before epoch \(epochs), the last one"
      }
    }
    let missing = ["learningRate", "train/loss", "test/loss"].first { curves[$0]?.isEmpty ?? true }
    return missing.map { "the curve \($0) is missing" }
  }

  private var metricFault: String? {
    for name in ["test/loss", "test/top1"] where metrics[name] == nil {
      return "the metric \(name) is missing"
    }
    for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
      guard let last = curves[name]?.last, last.bitPattern != value.bitPattern else { continue }
      return "the metric \(name) is \(value), and its curve ends with \(last)"
    }
    return nil
  }

  /// Nothing of predictions that were not kept, or not read.
  private var predictionFault: String? {
    guard let predictions, !predictions.labels.isEmpty else { return nil }
    let count = predictions.labels.count
    if let data, data.test != count {
      return "it has predictions for \(count) test images of \(data.test)"
    }
    let right = zip(predictions.labels, predictions.predicted).count { $0 == $1 }
    guard Double(right) / Double(count) == metrics["test/top1"] else {
      return "\(right) of \(count) predictions are right, which is not its test/top1"
    }
    guard classNames.isEmpty || classNames.count == predictions.classes else {
      return "it names \(classNames.count) classes of \(predictions.classes)"
    }
    return nil
  }
}
