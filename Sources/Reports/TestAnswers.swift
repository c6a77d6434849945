import Records
import Statistics

/// Which of its test images a run got right, and which images those are.
struct TestAnswers: Sendable {
  /// Why a comparison has no images.
  enum Absence: Hashable, Sendable {
    /// The metric is no share of test images, as a loss.
    case noShare
    /// A run file holds no predictions, as those of old.
    case notKept
    /// A file's predictions give another accuracy than the file says.
    case contradicted
    /// Rows were tested on different images.
    case otherImages

    var words: String {
      switch self {
      case .noShare: "the metric is no share of test images"
      case .notKept: "run files hold no predictions"
      case .otherImages: "rows were tested on different images"
      case .contradicted: "the predictions of run files contradict their metrics"
      }
    }
  }

  let correct: [Bool]

  /// - Parameters:
  ///   - predictions: of the run.
  ///   - metric: `test/top1` or `test/top5`.
  ///   - result: what the run file says the metric is.
  init(
    _ predictions: RunRecord.Predictions, metric: String, result: Double
  ) throws(AbsenceError) {
    guard let within = Self.rank(of: metric) else { throw AbsenceError(.noShare) }
    let classes = predictions.classes
    guard !predictions.labels.isEmpty,
      predictions.probabilities.count == predictions.labels.count * classes,
      predictions.labels.allSatisfy({ $0 >= 0 && Int($0) < classes })
    else { throw AbsenceError(.notKept) }
    let correct = predictions.labels.enumerated().map { image, label in
      Self.isWithin(
        within, Int(label), predictions.probabilities[image * classes..<(image + 1) * classes])
    }
    // Two images, or one of a thousand: probabilities tie where what they were made from did not.
    let share = Double(correct.count(where: { $0 })) / Double(correct.count)
    let slack = max(2.5 / Double(correct.count), 0.001)
    guard abs(share - result) <= slack else { throw AbsenceError(.contradicted) }
    self.correct = correct
  }

  /// How many classes may come before the label; nil for what is no share of test images.
  static func rank(of metric: String) -> Int? {
    switch metric {
    case "test/top1": 1
    case "test/top5": 5
    default: nil
    }
  }

  /// As the evaluation has it: equal ones of a lower number come first, and a NaN puts the label
  /// last.
  private static func isWithin(
    _ count: Int, _ label: Int, _ probabilities: ArraySlice<Float>
  ) -> Bool {
    let own = probabilities[probabilities.startIndex + label]
    var before = 0
    for (index, other) in probabilities.enumerated() where index != label {
      before += other < own || (other == own && index > label) ? 0 : 1
    }
    return before < count
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

  private struct Key: Hashable {
    let run: String
    let metric: String
  }

  private var known: [Key: Result<TestAnswers, AbsenceError>] = [:]
  private var sets: [String: TestSet] = [:]

  init() {}

  /// - Parameter point: the row that holds the run.
  mutating func answers(
    of run: RunRecord, in point: ResultPoint, _ metric: String
  ) throws(AbsenceError) -> TestAnswers {
    guard TestAnswers.rank(of: metric) != nil else { throw AbsenceError(.noShare) }
    let key = Key(run: run.id, metric: metric)
    if let result = known[key] { return try result.get() }
    let result = Self.read(run, point, metric)
    known[key] = result
    return try result.get()
  }

  private static func read(
    _ run: RunRecord, _ point: ResultPoint, _ metric: String
  ) -> Result<TestAnswers, AbsenceError> {
    guard let predictions = predictions(of: run, in: point), let value = run.result(metric) else {
      return .failure(AbsenceError(.notKept))
    }
    return Result { () throws(AbsenceError) in
      try TestAnswers(predictions, metric: metric, result: value)
    }
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
