import Records

/// What a point gains over a reference block, seed by seed.
///
/// The runs of one seed share data, order, augmentation and the first head, so that the difference
/// of two runs says more than the difference of two means.
extension ResultTable {
  /// A metric's differences between a point and its reference over the seeds that both have; nil
  /// for the reference itself and where there is no single one.
  func difference(of point: ResultPoint) -> SampleStatistics? {
    guard let reference = reference(of: point) else { return nil }
    let known = Dictionary(
      reference.finished.compactMap { run in run.metrics[metric].map { (run.seed, $0) } }
    ) { $1 }
    return SampleStatistics(
      point.finished.compactMap { run in
        guard let value = run.metrics[metric], let other = known[run.seed] else { return nil }
        return value - other
      })
  }

  /// The point of the reference block under the same conditions; with the same `between` where
  /// there is one, else with the only one that there is.
  private func reference(of point: ResultPoint) -> ResultPoint? {
    let conditions = ResultPoint.conditionNames(of: points).filter { $0 != "between" }
    let candidates = points.filter { other in
      other.label("block") == against && other.experiment == point.experiment
        && other.budget?.target == point.budget?.target
        && conditions.allSatisfy { other.label($0) == point.label($0) }
    }
    let same = candidates.filter { $0.label("between") == point.label("between") }
    let found = same.isEmpty ? candidates : same
    guard point.label("block") != against, found.count == 1 else { return nil }
    return found[0]
  }
}
