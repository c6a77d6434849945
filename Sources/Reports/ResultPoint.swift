// SPDX-License-Identifier: Apache-2.0

import Records
import Settings

/// One row of a table: all runs of a configuration, which differ in nothing but their seed, under
/// one budget.
public struct ResultPoint: Sendable {
  /// The name that an experiment gave the point; nil where none did.
  public let name: String?
  public let cost: RunRecord.Cost
  /// What the width was solved for; nil where nothing was matched.
  public let budget: RunRecord.Budget?
  /// The runs that ended well, by seed.
  public private(set) var finished: [RunRecord]
  /// The runs that did not, by seed.
  public private(set) var failed: [RunRecord]
  /// The names of the folders that hold its runs, sorted.
  public let folders: [String]
  /// How it won, where a table shows only what was chosen.
  var chosen: ChosenValue?

  /// The configuration without its seed.
  let settings: RunSettings
  /// Where the runs lie, by their identifiers; nothing for what is no file.
  let files: [String: String]
  /// The identifiers of the runs that were made while others were, by their dates.
  private let simultaneous: Set<String>

  /// All runs, the finished ones first.
  var runs: [RunRecord] { finished + failed }

  /// The block's key, or the network's where it has no such block.
  var block: String {
    (settings["network.block.kind"] ?? settings["network.network"])?.settingText ?? ""
  }

  var position: SpectrumPosition {
    SpectrumPosition(block: block, segments: settings[SettingNames.segments]?.settingText ?? "")
  }

  /// A metric's values over the finished runs, by seed.
  public func values(of metric: String) -> [Double] {
    finished.compactMap { $0.result(metric) }
  }

  /// A metric's statistics over the finished runs; nil where none has it.
  public func statistics(of metric: String) -> SampleStatistics? {
    SampleStatistics(values(of: metric))
  }

  /// The mean of a fact over the finished runs, which share one data set; nil where unknown.
  public func fact(_ name: String) -> Double? {
    SampleStatistics(finished.compactMap { $0.facts[name] })?.mean
  }

  /// The median over the finished runs of the time of a training step; nil where none measured it.
  var millisecondsPerStep: Double? {
    SampleStatistics.median(
      finished.map(\.provenance.millisecondsPerStep).filter { $0.isFinite })
  }

  /// Whether other runs were ever side by side with one of them; nil where that is not known of all
  /// and true of none.
  var sharedMachine: Bool? {
    let known = finished.map(sharedMachine(with:))
    if known.contains(true) { return true }
    return known.isEmpty || known.contains(nil) ? nil : false
  }

  /// Whether other runs were ever side by side with one of the row, of the same command or by what
  /// the files beside it say of their times; nil where that is not known.
  func sharedMachine(with run: RunRecord) -> Bool? {
    if run.jobs ?? 1 > 1 || simultaneous.contains(run.id) { return true }
    return run.jobs == nil ? nil : false
  }

  /// The most runs that were ever side by side with one of them; nil where that is not known of all.
  var jobs: Int? {
    let known = finished.compactMap(\.jobs)
    return known.count == finished.count ? known.max() : nil
  }
}

extension ResultPoint {
  /// Groups runs into rows, in the order of budget, names, conditions, and place on the spectrum;
  /// names follow each other as their experiments have them.
  static func points(
    of members: [RunCollection.Member], _ view: ResultView, _ asked: [ExperimentRecord]
  ) -> [ResultPoint] {
    let groups = Dictionary(grouping: members, by: \.settings)
    let asked = view.points(asked)
    let points = groups.flatMap { settings, members in
      view.standings(of: members.map(\.record), asked).map { standing in
        ResultPoint(settings, members, standing)
      }
    }
    let names = SettingNames(points)
    let arms = Dictionary(
      asked.names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: min)
    return points.sorted { $0.precedes($1, arms: arms, conditions: names.conditions) }
  }

  private init(
    _ settings: RunSettings, _ members: [RunCollection.Member], _ standing: Standing
  ) {
    let sorted = members.sorted {
      ($0.record.seed, $0.record.id) < ($1.record.seed, $1.record.id)
    }
    let runs = sorted.map(\.record)
    var real = settings
    // What the network has, where the block says only how it is cut.
    if let segments = runs.lazy.compactMap({ $0.label("segments") }).first {
      real.replace(
        SettingNames.segments, with: Int(segments).map(JSON.integer) ?? .string(segments))
    }
    self.settings = real
    name = standing.name
    budget = standing.budget
    cost = runs[0].cost
    finished = runs.filter { $0.failure == nil }
    failed = runs.filter { $0.failure != nil }
    files = Dictionary(sorted.map { ($0.record.id, $0.file) }) { first, _ in first }
    simultaneous = Set(sorted.filter(\.isSimultaneous).map(\.record.id))
    folders = Set(sorted.flatMap(\.folders)).sorted()
  }

  /// The row with those of its runs of which something holds; nil where none is left.
  func keeping(_ holds: (RunRecord) -> Bool) -> ResultPoint? {
    var point = self
    point.finished = finished.filter(holds)
    point.failed = failed.filter(holds)
    return point.runs.isEmpty ? nil : point
  }

  private func precedes(
    _ other: ResultPoint, arms: [String: Int], conditions: [String]
  ) -> Bool {
    let (target, otherTarget) = (budget?.target ?? -1, other.budget?.target ?? -1)
    if target != otherTarget { return target < otherTarget }
    func place(_ name: String?) -> Int { name.flatMap { arms[$0] } ?? .max }
    if place(name) != place(other.name) { return place(name) < place(other.name) }
    for path in conditions where settings[path] != other.settings[path] {
      return LabelOrder(settings[path]) < LabelOrder(other.settings[path])
    }
    if position != other.position { return position < other.position }
    let (width, otherWidth) = (settings[SettingNames.width], other.settings[SettingNames.width])
    if width != otherWidth { return LabelOrder(width) < LabelOrder(otherWidth) }
    if settings.text != other.settings.text { return settings.text < other.settings.text }
    return (budget?.quantity ?? "") < (other.budget?.quantity ?? "")
  }
}

extension SettingNames {
  init(_ points: [ResultPoint]) {
    self.init(points.map { ($0.settings, $0.budget) })
  }
}
