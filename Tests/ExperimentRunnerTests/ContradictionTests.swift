// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Records
import Testing

/// A run whose parts contradict each other is no run that anybody measured.
@Suite struct ContradictionTests {
  /// Two epochs on a test set of four images, of which three are right.
  private static let whole = RunRecord(
    id: "0123456789abcdef", experiment: "e", configuration: #"{"training":{"epochs":2}}"#,
    labels: [], seed: 0, status: .finished,
    cost: .init(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
    provenance: .init(
      commit: "", version: "", processor: "", blasKernels: "", threads: 1, started: "", seconds: 1),
    curves: [
      "train/loss": [2, 1], "learningRate": [0.1, 0.1], "test/epoch": [2], "test/loss": [1.5],
      "test/top1": [0.75],
    ],
    metrics: ["test/loss": 1.5, "test/top1": 0.75, "train/loss": 1],
    classNames: ["a", "b"], data: .init(digest: "", train: 8, validation: 0, test: 4),
    predictions: .init(labels: [0, 1, 0, 1], predicted: [0, 1, 0, 0], classes: 2))

  /// - Returns: what is said of the run once it is changed.
  private func said(_ change: (inout RunRecord) -> Void) -> String? {
    var record = Self.whole
    change(&record)
    return record.contradiction
  }

  @Test func aWholeRunHasNone() {
    #expect(Self.whole.contradiction == nil)
    #expect(said { $0.predictions = nil } == nil)
    #expect(
      said {
        $0.status = .failed(reason: "loss")
        $0.curves = [:]
      } == nil)
  }

  @Test func everyMissingOrWrongPartIsNamed() {
    #expect(
      said { $0.curves["train/loss"] = [2] } == "the curve train/loss has 1 values instead of 2")
    #expect(
      said { $0.curves["learningRate"] = nil } == "the curve learningRate is missing")
    #expect(
      said { $0.curves["test/epoch"] = [1] }
        == "the curve test/epoch ends before epoch 2, the last one")
    #expect(
      said { $0.curves["test/loss"] = [1, 2] } == "the curve test/loss has 2 values instead of 1")
    #expect(
      said { $0.curves["train/loss"] = [.nan, 1] } == "the curve train/loss holds what is no number"
    )
    #expect(said { $0.metrics["test/loss"] = nil } == "the metric test/loss is missing")
    #expect(
      said { $0.metrics["train/loss"] = 1.1 }
        == "the metric train/loss is 1.1, and its curve ends with 1.0")
    #expect(
      said { $0.predictions?.predicted[3] = 1 }
        == "4 of 4 predictions are right, which is not its test/top1")
    #expect(
      said { $0.data?.test = 5 } == "it has predictions for 4 test images of 5")
    #expect(said { $0.classNames = ["a"] } == "it names 1 classes of 2")
  }
}
