/// What is asked of a table, in the words of the command line.
public struct ResultQuery: Sendable {
  /// The keys of the metrics shown, `test/top1` where there are none.
  public var metrics: [String] = []
  /// The rows that the others are compared with, e.g. `segmented-inception,segments=4`.
  /// Nil takes what the experiment names, `none` takes none.
  public var against: String?
  /// Whether the rows that may be the best are told from the others.
  public var best = false
  /// What holds for the rows shown, e.g. `learningRate=0.01`; all of it.
  public var conditions: [String] = []
  /// The columns shown, by name; the usual ones where there are none.
  public var columns: [String] = []
  /// The column that rows are sorted by, `-` before it for the greatest first.
  public var sort: String?
  /// How one row of every arm is chosen, e.g. `best:validation/top1`.
  public var choice: String?
  /// The settings over which it is chosen.
  public var over: [String] = []

  public init() {}
}
