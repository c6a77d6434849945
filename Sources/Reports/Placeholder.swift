import Records

/// Why a table or plot cannot be made, in the words that the user is shown.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

public enum TableFormat: String, CaseIterable, Sendable { case markdown, csv, latex, json }

public struct ResultTable: Sendable {
  public init(records: [RunRecord], metric: String = "test/top1") throws(ReportError) {}
  public func rendered(as format: TableFormat) -> String { "" }
}

public enum Plot {
  public static func continuum(
    records: [RunRecord], metric: String = "test/top1", title: String? = nil, to path: String
  ) throws(ReportError) {}
  public static func trainingCurves(
    records: [RunRecord], title: String? = nil, to path: String
  ) throws(ReportError) {}
}
