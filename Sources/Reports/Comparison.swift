import Records
import Settings
import Tables

/// What rows gain over reference rows, seed by seed.
///
/// The runs of one seed share data, order, augmentation and the first head, so that the difference
/// of two runs says more than the difference of two means.
struct Comparison: Sendable {
  /// What a row and its reference have in common.
  struct Pairs {
    /// Over the seeds that both have; nil where there are none.
    var difference: SampleStatistics?
    /// Seeds of both of which a run failed.
    var lost: Int
  }

  /// As it was asked for: `segmented-inception, segments=4`.
  let name: String
  private let description: RowDescription
  /// The settings in which some row differs from its reference, in the order of columns.
  let differing: [String]
  /// The reference of each row that has one, by the row's place.
  private let references: [Key: ResultPoint]

  private struct Key: Hashable {
    let settings: RunSettings
    let budget: RunRecord.Budget?

    init(_ point: ResultPoint) {
      settings = point.settings
      budget = point.budget
    }
  }

  /// - Parameters:
  ///   - text: a block's key, `key=value` conditions, or both, with commas between.
  ///   - free: settings in which a row and its reference may differ, as each chose its own.
  /// - Throws: where nothing matches, a row has several references, or nothing can be compared.
  init(
    _ text: String, _ points: [ResultPoint], metrics: [String], free: Set<String>
  ) throws(ReportError) {
    let description = try RowDescription(text, points)
    self.description = description
    name = description.text
    let candidates = points.filter(description.matches)
    let names = SettingNames(points)
    guard !candidates.isEmpty else {
      throw ReportError(
        "no row is \"\(text)\"; the rows are: " + Self.list(points))
    }
    let demands = names.varying.filter { !free.contains($0) }
      .map { (path: $0, demand: description.demand(on: $0)) }
    let equal = demands.filter { $0.demand == .equal }.map(\.path)
    let shared = demands.filter { $0.demand == .equalWhereBothHaveIt }.map(\.path)
    var references: [Key: ResultPoint] = [:]
    let groups = Dictionary(grouping: candidates) { Common($0, equal) }
    for point in points where !description.matches(point) {
      let group = groups[Common(point, equal)] ?? []
      let fitting = Self.fitting(group, for: point, shared)
      guard fitting.count < 2 else {
        throw ReportError(
          "--against \"\(text)\" means several rows: \(Self.list(group)); name one, as in "
            + "--against '\(description.completed(by: RowLabels(group).words(of: fitting[0])))'")
      }
      references[Key(point)] = fitting.first
    }
    self.references = references
    let pairs = points.compactMap { point in
      references[Key(point)].map { (point.settings, $0.settings) }
    }
    differing = names.varying.filter { path in
      pairs.contains { $0[path] != $1[path] }
    }
    let isComparable = points.contains { point in
      guard let reference = references[Key(point)] else { return false }
      return metrics.contains { Self.pairs(of: point, reference, $0).difference != nil }
    }
    guard isComparable else {
      let lost = points.reduce(0) { sum, point in
        sum + (references[Key(point)].map { Self.pairs(of: point, $0, metrics[0]).lost } ?? 0)
      }
      guard lost == 0 else {
        throw ReportError(
          "--against \"\(text)\" leaves nothing to compare: \(lost) "
            + "\(lost == 1 ? "pair was" : "pairs were") lost to failed runs; "
            + "`continuum run` with --again FAILED makes failed runs again")
      }
      throw ReportError(
        "--against \"\(text)\" leaves nothing to compare: no other row has its settings, its "
          + "budget and a seed that finished in both; the rows are: \(Self.list(points))")
    }
  }

  /// What a row must share with its reference.
  private struct Common: Hashable {
    let target: Int?
    let quantity: String?
    let values: [JSON?]

    init(_ point: ResultPoint, _ equal: [String]) {
      (target, quantity) = (point.budget?.target, point.budget?.quantity)
      values = equal.map { point.settings[$0] }
    }
  }

  /// Of the rows that share with another what they must, those that are equal in what both have. Of
  /// `between`, which no block of a single operation has, whichever there is where none is equal.
  private static func fitting(
    _ candidates: [ResultPoint], for point: ResultPoint, _ shared: [String]
  ) -> [ResultPoint] {
    let between = "network.block.between"
    let fitting = candidates.filter { candidate in
      shared.allSatisfy { path in
        guard path != between, let value = point.settings[path],
          let other = candidate.settings[path]
        else { return true }
        return value == other
      }
    }
    guard shared.contains(between) else { return fitting }
    let same = fitting.filter { $0.settings[between] == point.settings[between] }
    return same.isEmpty ? fitting : same
  }

  /// A row's pairs with its reference; nil for a reference itself and where a row has none.
  func pairs(of point: ResultPoint, _ metric: String) -> Pairs? {
    references[Key(point)].map { Self.pairs(of: point, $0, metric) }
  }

  private static func pairs(
    of point: ResultPoint, _ reference: ResultPoint, _ metric: String
  ) -> Pairs {
    let known = Dictionary(
      reference.finished.compactMap { run in run.result(metric).map { (run.seed, $0) } }
    ) { $1 }
    let differences = point.finished.compactMap { run -> Double? in
      guard let value = run.result(metric), let other = known[run.seed] else { return nil }
      return value - other
    }
    let common = Set(point.runs.map(\.seed)).intersection(reference.runs.map(\.seed))
    let failed = Set((point.failed + reference.failed).map(\.seed))
    return Pairs(
      difference: SampleStatistics(differences), lost: common.intersection(failed).count)
  }

  /// The rows that are compared but have no reference.
  func alone(_ points: [ResultPoint]) -> Int {
    points.count { !description.matches($0) && references[Key($0)] == nil }
  }

  private static func list(_ points: [ResultPoint]) -> String {
    let labels = RowLabels(points)
    let shown =
      points.prefix(12).map(labels.label(of:))
      + (points.count > 12 ? ["… (\(points.count) rows)"] : [])
    return shown.joined(separator: "; ")
  }
}
