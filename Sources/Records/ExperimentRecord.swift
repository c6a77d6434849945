// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What was once asked of a results folder: an experiment with its points, their names, budgets and
/// runs. It lies beside the runs as `RESULTS/experiments/<id>.json`.
///
/// A run knows its configuration and nothing of who asked for it; whatever is a matter of the asking
/// (the question, a budget, a point's own name) stands here, once for all runs of the point.
public struct ExperimentRecord: Codable, Equatable, Sendable {
  /// The experiment's name, e.g. `residual-ablation`.
  public var name: String
  public var question: String
  /// When it was first asked, ISO 8601; of two records the later one decides.
  public var asked: String
  /// The experiment as it was said, overrides applied, as canonical JSON.
  public var experiment: String
  public var points: [Point]
  /// The file that said it; nil where there was none, and in records of before 2026-12.
  public var source: String?
  /// Whether the runs' weights were to be kept; nil where they were not.
  public var keepsWeights: Bool?
  /// The arm that the others are compared with, as `table --against` takes it, named before the
  /// runs; nil where none was.
  public var reference: String?

  /// Runs that differ in their seed alone.
  public struct Point: Codable, Equatable, Sendable {
    /// The name that the experiment gives the point; nil where it gives none.
    public var name: String?
    /// What the width was solved for; nil where nothing was matched.
    public var budget: RunRecord.Budget?
    /// The identifiers of the runs, by seed.
    public var runs: [Run]

    public init(name: String? = nil, budget: RunRecord.Budget? = nil, runs: [Run]) {
      self.name = name
      self.budget = budget
      self.runs = runs
    }
  }

  /// One run of a point.
  public struct Run: Codable, Equatable, Sendable {
    public var seed: Int
    public var id: String

    public init(seed: Int, id: String) {
      self.seed = seed
      self.id = id
    }
  }

  public init(
    name: String, question: String, asked: String, experiment: String, points: [Point],
    source: String? = nil, reference: String? = nil, keepsWeights: Bool? = nil
  ) {
    self.name = name
    self.question = question
    self.asked = asked
    self.experiment = experiment
    self.points = points
    self.source = source
    self.reference = reference
    self.keepsWeights = keepsWeights
  }
}

// MARK: Files

extension ExperimentRecord {
  /// The folder of a results folder's records.
  public static func folder(of results: String) -> String {
    (results as NSString).appendingPathComponent("experiments")
  }

  /// The records of a results folder, the first asked first; none where there is no such folder.
  ///
  /// - Throws: where a file cannot be read or holds something else.
  public static func all(in results: String) throws(RecordError) -> [ExperimentRecord] {
    var records: [ExperimentRecord] = []
    for file in files(in: results) { records.append(try ExperimentRecord(contentsOf: file)) }
    return records.sorted { $0.asked < $1.asked }
  }

  /// The paths of a results folder's records; none where there is no such folder.
  public static func files(in results: String) -> [String] {
    let folder = folder(of: results)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { (folder as NSString).appendingPathComponent($0) }
  }

  /// - Throws: where the file cannot be read or holds something else.
  public init(contentsOf path: String) throws(RecordError) {
    do {
      self = try JSONDecoder().decode(
        ExperimentRecord.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch let error as DecodingError {
      throw RecordError(file: path, rule: "is no record of an experiment: \(Self.reason(error))")
    } catch {
      throw RecordError(file: path, rule: "cannot be read: \(SystemReason.text(of: error))")
    }
  }

  /// Writes the record, unless the same was asked before: it appears whole or not at all.
  ///
  /// - Parameters:
  ///   - results: the results folder.
  ///   - id: a hash of what was asked, without the time.
  public func write(in results: String, id: String) throws(RecordError) {
    let path = (Self.folder(of: results) as NSString).appendingPathComponent("\(id).json")
    guard !FileManager.default.fileExists(atPath: path) else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do {
      data = try encoder.encode(self)
    } catch {
      throw RecordError(file: path, rule: "cannot be written: \(error)")
    }
    try AtomicFile.makeFolder(Self.folder(of: results))
    try AtomicFile.write(data, to: path)
  }

  private static func reason(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "it has no \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another kind"
    default: "it is no JSON"
    }
  }
}
