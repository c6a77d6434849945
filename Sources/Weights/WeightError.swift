// SPDX-License-Identifier: Apache-2.0

import Records

/// Why weights cannot be read, written or fitted to a network, in the words that the user is shown.
public struct WeightError: Error, Codable, Equatable, Sendable, CustomStringConvertible {
  /// The file, or the network where no file is concerned.
  public var file: String
  /// The path inside it: a group, an array, an op; empty for the whole.
  public var object: String
  /// What should hold, as a sentence without its full stop.
  public var rule: String
  /// Lines that show what differs, aligned; empty where one sentence says it all.
  public var table: String

  public init(file: String, object: String = "", rule: String, table: String = "") {
    self.file = file
    self.object = object
    self.rule = rule
    self.table = table
  }

  init(_ error: RecordError) {
    self.init(file: error.file, object: error.object, rule: error.rule)
  }

  /// One sentence, and under it the table where there is one.
  public var description: String {
    let place = object.isEmpty ? file : "\(file): \(object)"
    return "\(place): \(rule)" + (table.isEmpty ? "" : "\n\(table)")
  }
}

/// Runs what throws a record's error, and throws it as one about weights.
func asWeightError<Result>(
  _ body: () throws(RecordError) -> Result
) throws(WeightError) -> Result {
  do {
    return try body()
  } catch {
    throw WeightError(error)
  }
}
