// SPDX-License-Identifier: Apache-2.0

import Settings

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
  /// The columns that rows are sorted by, the first one first; `-` before a name for the greatest
  /// first.
  public var sort: [String] = []
  /// How one row of every arm is chosen, e.g. `best:validation/top1`.
  public var choice: String?
  /// The settings over which it is chosen.
  public var over: [String] = []

  /// Whether rows are to be single runs, as `csv-runs` has them: conditions on metrics and times,
  /// and the order, are then those of runs and not of their means.
  public var rowsAreRuns = false
  /// What a setting is where nobody says it, by its path and a row's settings: null where nothing
  /// stands for it, nil where that is not known. Without it every setting counts as said.
  public var defaults: (@Sendable (_ path: String, _ settings: [String: JSON]) -> JSON?)?

  public init() {}
}
