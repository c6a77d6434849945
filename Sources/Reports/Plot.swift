import Records
public enum Plot {
  public static func continuum(
    records: [RunRecord], metric: String = "test/top1", title: String? = nil, to path: String
  ) throws(ReportError) {}
  public static func trainingCurves(
    records: [RunRecord], title: String? = nil, to path: String
  ) throws(ReportError) {}
}
