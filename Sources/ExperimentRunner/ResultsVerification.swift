// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// A results folder, looked at file by file: what is damaged, what is not there yet, what fits the
/// data at hand.
///
/// Cost: every file is read once from end to end, and every data set that runs saw and that is at hand.
public struct ResultsVerification: Sendable {
  /// Something that is wrong.
  public struct Fault: Hashable, Sendable {
    public var file: String
    public var reason: String
  }

  /// A run that the folder's experiments ask for and that has no file that holds.
  public struct OpenRun: Hashable, Sendable {
    public var id: String
    public var reason: String
  }

  /// A file that holds, and its run planned anew from the configuration in it.
  public struct SoundRun: Sendable {
    public let record: RunRecord
    public let file: String
    /// Nil where this program cannot make the run, which `notes` says.
    public internal(set) var plan: PlannedRun?
    /// Whether its data lie in files that are not those that it saw, or are not at hand.
    public internal(set) var lacksData = false
  }

  public let results: ResultsFolder
  public internal(set) var faults: [Fault] = []
  public private(set) var open: [OpenRun] = []
  /// What is not wrong and yet worth knowing, one sentence each.
  public internal(set) var notes: [String] = []
  /// What was compared and found the same, one sentence each.
  public internal(set) var confirmed: [String] = []
  public internal(set) var runs: [SoundRun] = []
  /// Files of each kind, damaged ones among them.
  public private(set) var runFiles = 0
  public private(set) var checkpoints = 0
  public private(set) var weightFiles = 0
  public private(set) var experiments: [ExperimentRecord] = []

  /// - Parameter directory: the folder of data sets.
  /// - Throws: where there is no results folder of that name.
  public init(_ results: ResultsFolder, data directory: String?) throws(RecordError) {
    self.results = results
    guard FileManager.default.fileExists(atPath: results.runs) else {
      throw RecordError(file: results.path, rule: "must be a results folder; it holds no runs")
    }
    // A folder that cannot be listed holds nothing that could be looked at.
    for folder in [results.runs, "\(results.path)/experiments"] { _ = names(in: folder) }
    readExperiments()
    for file in try RunDirectory.files(in: results.path) { readRun(file) }
    readCheckpoints()
    readWeights()
    guard runFiles + experiments.count + checkpoints + faults.count > 0 else {
      throw RecordError(file: results.path, rule: "must be a results folder; it holds no runs")
    }
    findOpenRuns()
    planRuns(data: directory)
    compareData(directory)
  }

  // MARK: Files

  private mutating func readExperiments() {
    for file in ExperimentRecord.files(in: results.path) {
      do {
        let record = try ExperimentRecord(contentsOf: file)
        experiments.append(record)
        guard Experiment.identifier(of: record) != Self.name(of: file) else { continue }
        faults.append(Fault(file: file, reason: "was changed: its name is a hash of what it said"))
      } catch {
        faults.append(Fault(file: file, reason: error.rule))
      }
    }
  }

  private mutating func readRun(_ file: String) {
    runFiles += 1
    do throws(RecordError) {
      try Self.requireSeal(file)
      var record = try RunRecord(contentsOf: file)
      try record.checkIdentifier(file: file)
      guard record.id == Self.name(of: file) else {
        throw RecordError(file: file, rule: "holds the run \(record.id), and is not named after it")
      }
      if let contradiction = record.contradiction {
        throw RecordError(file: file, rule: contradiction)
      }
      if let reason = record.failure {
        notes.append("\(file): the run failed: \(reason); --again FAILED makes it again")
      }
      // Thousands of runs stay in memory, and these are most of a file.
      (record.predictions, record.weights) = (nil, [])
      runs.append(SoundRun(record: record, file: file))
    } catch {
      faults.append(Fault(error))
    }
  }

  private mutating func readCheckpoints() {
    for name in names(in: results.checkpoints) where name.hasSuffix(".h5") {
      let file = "\(results.checkpoints)/\(name)"
      checkpoints += 1
      do throws(RecordError) {
        try Self.requireSeal(file)
        let checkpoint = try Checkpoint(contentsOf: file)
        guard checkpoint.runID == Self.name(of: file) else {
          throw RecordError(file: file, rule: "is the checkpoint of the run \(checkpoint.runID)")
        }
      } catch {
        faults.append(Fault(error))
      }
    }
    for folder in [results.runs, results.checkpoints] {
      let count = names(in: folder).count { $0.hasSuffix(".part") }
      guard count > 0 else { continue }
      notes.append(
        "\(folder): \(count) of unfinished writing (.part); the next run removes what is old")
    }
  }

  private mutating func readWeights() {
    let folder = "\(results.path)/weights"
    for run in names(in: folder) {
      for name in names(in: "\(folder)/\(run)") where name.hasSuffix(".h5") {
        weightFiles += 1
        do {
          try Self.requireSeal("\(folder)/\(run)/\(name)")
        } catch {
          faults.append(Fault(error))
        }
      }
    }
  }

  private mutating func findOpenRuns() {
    let (sound, damaged) = (Set(runs.map(\.record.id)), Set(faults.map { Self.name(of: $0.file) }))
    var known: Set<String> = []
    for experiment in experiments {
      for point in experiment.points {
        for run in point.runs where !sound.contains(run.id) && known.insert(run.id).inserted {
          let name = point.name.map { "\($0), " } ?? ""
          let place = "\(experiment.name), \(name)seed \(run.seed)"
          let isThere = results.isDone(run.id)
          let begun = results.isBegun(run.id) && !damaged.contains(run.id)
          let reason = isThere ? "its file is damaged" : begun ? "begun" : "not begun"
          open.append(OpenRun(id: run.id, reason: "\(place): \(reason)"))
        }
      }
    }
  }

  private static func requireSeal(_ file: String) throws(RecordError) {
    guard try HDF5File.isSealed(file) else {
      throw RecordError(
        file: file, rule: "ends in no checksum: another program wrote or changed it")
    }
  }

  private static func name(of file: String) -> String {
    ((file as NSString).lastPathComponent as NSString).deletingPathExtension
  }

  /// What a folder holds; nothing where there is none, and a fault where it cannot be listed.
  private mutating func names(in folder: String) -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        .filter { !$0.hasPrefix(".") }
    } catch {
      let fault = Fault(file: folder, reason: "cannot be listed as a folder")
      if !faults.contains(where: { $0.file == folder }) { faults.append(fault) }
      return []
    }
  }
}

extension ResultsVerification.Fault {
  init(_ error: RecordError) {
    self.init(
      file: error.file, reason: error.object.isEmpty ? error.rule : "\(error.object): \(error.rule)"
    )
  }
}
