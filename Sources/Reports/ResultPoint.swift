import Records

/// One point of a sweep: all runs that differ in nothing but their seed.
public struct ResultPoint: Sendable {
  public let experiment: String
  /// What names the point, without seed and width.
  public let labels: [RunRecord.Label]
  /// The width that was solved for, or nil where the runs name none.
  public let width: String?
  public let cost: RunRecord.Cost
  public let budget: RunRecord.Budget?
  /// The runs that ended well, by seed.
  public let finished: [RunRecord]
  /// The runs that did not, by seed.
  public let failed: [RunRecord]

  /// The configuration without its seeds, in which no two points are alike.
  let settings: RunSettings
  var position: SpectrumPosition { SpectrumPosition(labels) }
  /// All runs, the finished ones first.
  var runs: [RunRecord] { finished + failed }

  /// The value of a label, or nil.
  public func label(_ name: String) -> String? {
    labels.first { $0.name == name }?.value
  }

  /// A metric's values over the finished runs, by seed.
  public func values(of metric: String) -> [Double] {
    finished.compactMap { $0.metrics[metric] }
  }

  /// A metric's statistics over the finished runs; nil where none has it.
  public func statistics(of metric: String) -> SampleStatistics? {
    SampleStatistics(values(of: metric))
  }

  /// The median over the finished runs of the time of a training step; nil where none measured it.
  var millisecondsPerStep: Double? {
    SampleStatistics.median(
      finished.map(\.provenance.millisecondsPerStep).filter { $0.isFinite })
  }

  /// The mean of a fact over the finished runs, which share one data set; nil where unknown.
  public func fact(_ name: String) -> Double? {
    SampleStatistics(finished.compactMap { $0.facts[name] })?.mean
  }
}

extension ResultPoint {
  /// Groups runs into points, sorted by experiment, budget, conditions, and place on the spectrum.
  ///
  /// The width is no condition, since it follows from the others; but runs of different settings
  /// never meet in one point, whatever their labels say.
  static func points(of records: [RunRecord]) -> [ResultPoint] {
    let groups = Dictionary(grouping: records, by: Key.init)
    let points = groups.map { key, records in ResultPoint(key, records) }
    let conditions = conditionNames(of: points)
    return points.sorted { first, second in
      first.precedes(second, conditions: conditions)
    }
  }

  /// The names of all labels but those of the spectrum, in their first order of appearance.
  static func conditionNames(of points: [ResultPoint]) -> [String] {
    labelNames(of: points).filter { !isOfSpectrum($0) }
  }

  /// Whether a label says where on the spectrum a point is: its block and segments, whose width
  /// follows from their number.
  static func isOfSpectrum(_ name: String) -> Bool {
    ["block", "segments", "segmentWidth"].contains(name)
  }

  /// The names of all labels, in the order of the point that has most of them.
  static func labelNames(of points: [ResultPoint]) -> [String] {
    let ranked = points.map { $0.labels.map(\.name) }
      .sorted { ($1.count, $0.joined()) < ($0.count, $1.joined()) }
    var names: [String] = []
    for name in ranked.joined() where !names.contains(name) { names.append(name) }
    return names
  }

  private init(_ key: Key, _ records: [RunRecord]) {
    let sorted = records.sorted { ($0.seed, $0.id) < ($1.seed, $1.id) }
    experiment = key.experiment
    labels = key.labels
    width = key.width
    cost = key.cost
    budget = key.budget
    settings = key.settings
    finished = sorted.filter { $0.status == .finished }
    failed = sorted.filter { $0.status != .finished }
  }

  private func precedes(_ other: ResultPoint, conditions: [String]) -> Bool {
    if experiment != other.experiment { return experiment < other.experiment }
    let (target, otherTarget) = (budget?.target ?? -1, other.budget?.target ?? -1)
    if target != otherTarget { return target < otherTarget }
    for name in conditions where label(name) != other.label(name) {
      return LabelOrder(label(name)) < LabelOrder(other.label(name))
    }
    if position != other.position { return position < other.position }
    if width != other.width { return LabelOrder(width) < LabelOrder(other.width) }
    return settings.text < other.settings.text
  }

  /// What the runs of one point have in common.
  private struct Key: Hashable {
    let experiment: String
    let labels: [RunRecord.Label]
    let width: String?
    let cost: RunRecord.Cost
    let budget: RunRecord.Budget?
    let settings: RunSettings

    init(_ record: RunRecord) {
      experiment = record.experiment
      labels = record.labels.filter { $0.name != "seed" && $0.name != "width" }
      width = record.label("width")
      cost = record.cost
      budget = record.budget
      settings = RunSettings(record.configuration)
    }
  }
}
