// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics

/// Which of its test images a run got right, and which images those are.
struct TestAnswers: Sendable {
  /// Why a comparison has no images.
  enum Absence: Hashable, Sendable {
    /// The metric is another one, as a loss.
    case otherMetric
    /// A run file holds no predictions, as those of old.
    case notKept
    /// A file's predictions give another accuracy than the file says.
    case contradicted
    /// Rows were tested on different images.
    case otherImages

    var words: String {
      switch self {
      case .otherMetric: "of single test images only top-1 is known"
      case .notKept: "run files hold no predictions"
      case .otherImages: "rows were tested on different images"
      case .contradicted: "the predictions of run files contradict their metrics"
      }
    }
  }

  let correct: [Bool]

  /// The metric that is known image by image.
  static let metric = "test/top1"

  /// - Parameters:
  ///   - predictions: of the run.
  ///   - result: what the run file says the accuracy is.
  init(_ predictions: RunRecord.Predictions, result: Double) throws(AbsenceError) {
    guard !predictions.labels.isEmpty, predictions.predicted.count == predictions.labels.count
    else { throw AbsenceError(.notKept) }
    correct = zip(predictions.labels, predictions.predicted).map { $0 == $1 }
    // Two images, or one of a thousand: probabilities tie where what they were made from did not.
    let share = Double(correct.count(where: { $0 })) / Double(correct.count)
    let slack = max(2.5 / Double(correct.count), 0.001)
    guard abs(share - result) <= slack else { throw AbsenceError(.contradicted) }
  }
}

/// Why there are no answers.
struct AbsenceError: Error, Hashable {
  let reason: TestAnswers.Absence

  init(_ reason: TestAnswers.Absence) { self.reason = reason }
}

/// The answers of runs, each read once from its file.
struct AnswerCache {
  /// What a run was tested on, as far as its file says.
  struct TestSet: Hashable {
    var digest: String?
    var labels: [Int32]?
    var classes: Int?
    var images: Int?
  }

  private var known: [String: Result<TestAnswers, AbsenceError>] = [:]
  private var sets: [String: TestSet] = [:]

  init() {}

  /// - Parameter point: the row that holds the run.
  mutating func answers(
    of run: RunRecord, in point: ResultPoint, _ metric: String
  ) throws(AbsenceError) -> TestAnswers {
    guard metric == TestAnswers.metric else { throw AbsenceError(.otherMetric) }
    if let result = known[run.id] { return try result.get() }
    let result = Self.read(run, point)
    known[run.id] = result
    return try result.get()
  }

  private static func read(
    _ run: RunRecord, _ point: ResultPoint
  ) -> Result<TestAnswers, AbsenceError> {
    guard let predictions = predictions(of: run, in: point),
      let value = run.result(TestAnswers.metric)
    else { return .failure(AbsenceError(.notKept)) }
    return Result { () throws(AbsenceError) in try TestAnswers(predictions, result: value) }
  }

  private static func predictions(
    of run: RunRecord, in point: ResultPoint
  ) -> RunRecord.Predictions? {
    if let predictions = run.predictions { return predictions }
    guard let file = point.files[run.id] else { return nil }
    return try? RunRecord(contentsOf: file, reading: .predictions).predictions
  }

  /// What the runs of a row were tested on: they share it, being of one configuration.
  mutating func testSet(of point: ResultPoint) -> TestSet {
    guard let run = point.finished.first else { return TestSet() }
    if let set = sets[run.id] { return set }
    let predictions = Self.predictions(of: run, in: point)
    let set = TestSet(
      digest: run.data?.digest, labels: predictions?.labels,
      classes: predictions?.classes ?? (run.classNames.isEmpty ? nil : run.classNames.count),
      images: predictions?.labels.count ?? run.data?.test)
    sets[run.id] = set
    return set
  }
}

extension AnswerCache.TestSet {
  /// Why the rows of two sets cannot be paired; nil where nothing that is known forbids it.
  func difference(from other: Self) -> String? {
    func unlike<Value: Equatable>(_ one: Value?, _ two: Value?) -> Bool {
      one != nil && two != nil && one != two
    }
    if unlike(classes, other.classes) {
      return "\(classes ?? 0) classes against \(other.classes ?? 0)"
    }
    if unlike(images, other.images) {
      return "\(images ?? 0) test images against \(other.images ?? 0)"
    }
    return unlike(labels, other.labels) || unlike(digest, other.digest)
      ? "other images or labels" : nil
  }
}
