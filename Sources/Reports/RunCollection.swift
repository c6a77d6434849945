// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The runs of one or more results folders, each once, with what was asked of the folders.
public struct RunCollection: Sendable {
  /// One run, wherever its files lie.
  struct Member: Sendable {
    fileprivate(set) var record: RunRecord
    let settings: RunSettings
    /// The first file that holds it; its identifier where it comes from no file.
    var file: String
    /// The names of the folders that hold it, in their order.
    var folders: [String]
    /// Whether another run of the collection was made at the same time.
    var isSimultaneous = false
  }

  /// A file that cannot be read, and what to do about it.
  public struct Damage: Sendable {
    /// One sentence without its full stop: file, reason, remedy.
    public var description: String
  }

  private(set) var members: [Member] = []
  /// What was asked of the folders, the first asked first.
  public private(set) var experiments: [ExperimentRecord]
  /// What was left out.
  public private(set) var damaged: [Damage] = []

  /// The identifiers of the runs of which no record beside them says who asked for them and how.
  private(set) var unrecorded: Set<String> = []

  /// The first file that holds a run; nil of a run that is not here.
  public func file(of id: String) -> String? { places[id].map { members[$0].file } }

  /// The runs, each once.
  public var records: [RunRecord] { members.map(\.record) }

  /// - Parameters:
  ///   - records: runs in any order; copies of one run count once.
  ///   - results: the folder that holds their files, which predictions are read from where the
  ///     records have none; nil where there is none.
  /// - Throws: where copies differ, or runs of one configuration saw different data.
  public init(
    records: [RunRecord], experiments: [ExperimentRecord] = [], results: String? = nil
  ) throws(ReportError) {
    self.experiments = experiments
    for record in records {
      let file = results.map { "\($0)/runs/\(record.id).h5" } ?? record.id
      try add(record, file: file, folder: nil)
    }
    markSimultaneous()
    try checkIdentifiers()
    try checkData()
  }

  /// Reads folders. A damaged file is left out, and told of in `damaged`.
  ///
  /// - Parameter folders: results folders, folders of run files, or run files.
  /// - Throws: where a folder is not there or no run is left, copies of one run differ, or runs of
  ///   one configuration saw different data.
  public init(folders: [String]) throws(ReportError) {
    experiments = []
    let names = Self.names(of: folders)
    for (folder, name) in zip(folders, names) {
      do {
        try read(folder, name: name)
      } catch let error as RecordError {
        throw ReportError(error.description)
      } catch {
        throw error as? ReportError ?? ReportError("\(folder): \(error)")
      }
    }
    experiments.sort { $0.asked < $1.asked }
    guard !members.isEmpty else { throw Self.nothing(in: folders, damaged) }
    let recorded = Set(experiments.flatMap(\.points).flatMap(\.runs).map(\.id))
    unrecorded = Set(members.map(\.record.id)).subtracting(recorded)
    markSimultaneous()
    try checkIdentifiers()
    try checkData()
  }

  private mutating func read(_ folder: String, name: String) throws {
    let results = RunDirectory.results(of: folder)
    var asked: [(file: String, record: ExperimentRecord)] = []
    for file in ExperimentRecord.files(in: results) {
      do {
        asked.append((file, try ExperimentRecord(contentsOf: file)))
      } catch {
        damaged.append(
          Damage(
            description: "\(error); without it the next `continuum run` "
              + "writes it again"))
      }
    }
    experiments += asked.map(\.record).filter { !experiments.contains($0) }
    for file in try RunDirectory.files(in: folder) {
      let record: RunRecord
      do {
        record = try RunRecord(contentsOf: file, reading: [])
        try record.checkIdentifier(file: file)
      } catch {
        damaged.append(Damage(description: Self.remedy(error, file, results, asked)))
        continue
      }
      try add(record, file: file, folder: name)
    }
  }

  private mutating func add(
    _ record: RunRecord, file: String, folder: String?
  ) throws(ReportError) {
    guard let index = places[record.id] else {
      places[record.id] = members.count
      members.append(
        Member(
          record: record, settings: settings.settings(of: record), file: file,
          folders: folder.map { [$0] } ?? []))
      return
    }
    let known = members[index]
    guard known.record.agrees(with: record), Self.predictSame(known.file, file) else {
      throw ReportError(
        "\(known.file) and \(file) are both the run \(record.id) and differ; "
          + "delete or move the one that is wrong")
    }
    // Of two versions of the program the later one may have recorded more.
    if record.results.count > known.record.results.count { members[index].record = record }
    if let folder, !members[index].folders.contains(folder) {
      members[index].folders.append(folder)
    }
  }

  private mutating func markSimultaneous() {
    let simultaneous = SimultaneousRuns.identifiers(of: records)
    for index in members.indices {
      members[index].isSimultaneous = simultaneous.contains(members[index].record.id)
    }
  }

  private var settings = RunSettings.Reader()

  /// Where in `members` a run is, by its identifier.
  private var places: [String: Int] = [:]

  /// Whether two files say the same of every test image; a file without predictions says nothing.
  static func predictSame(_ first: String, _ second: String) -> Bool {
    guard first != second else { return true }
    let predictions = [first, second].compactMap { file in
      (try? RunRecord(contentsOf: file, reading: .predictions))?.predictions
    }
    return predictions.count < 2 || predictions[0] == predictions[1]
  }

  /// Seeds count once, so that no configuration may hold one twice.
  private func checkIdentifiers() throws(ReportError) {
    var known: [String: Member] = [:]
    for member in members {
      let key = "\(member.record.seed) \(member.settings.text)"
      guard let other = known.updateValue(member, forKey: key) else { continue }
      throw ReportError(
        "\(other.file) and \(member.file) are the same configuration and seed under two "
          + "identifiers, \(other.record.id) and \(member.record.id); delete or move the one that "
          + "is wrong")
    }
  }

  private func checkData() throws(ReportError) {
    let known = members.filter { $0.record.data != nil }
    for group in Dictionary(grouping: known, by: \.settings.text)
      .sorted(by: { $0.key < $1.key }).map(\.value)
    {
      guard let first = group.first,
        let other = group.first(where: { $0.record.data?.digest != first.record.data?.digest })
      else { continue }
      throw ReportError(
        "\(first.file) and \(other.file) are runs of one configuration on different data: "
          + "their images or labels differ; they make no common row")
    }
  }

  // MARK: Words

  /// The command as far as the file's name and what was asked of its folder tell it.
  private static func remedy(
    _ error: any Error, _ file: String, _ results: String,
    _ asked: [(file: String, record: ExperimentRecord)]
  ) -> String {
    let id = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
    let isIdentifier = id.count == 16 && id.allSatisfy { "0123456789abcdef".contains($0) }
    guard isIdentifier else {
      return "\(error); delete it, or make it again by the `continuum run` that wrote it: its name "
        + "is no identifier of a run"
    }
    let place =
      results == "runs/.."
      ? "." : String(results.hasSuffix("/runs/..") ? results.dropLast(8) : results[...])
    let record = asked.last { asked in
      asked.record.points.contains { $0.runs.contains { $0.id == id } }
    }
    guard let record else {
      return "\(error); the `continuum run` that wrote it, with --results \(quoted(place)) --again "
        + "\(id), makes it again: nothing in that folder says which it was"
    }
    let file = (record.file as NSString).lastPathComponent
    let experiment = ((place as NSString).appendingPathComponent("experiments") as NSString)
      .appendingPathComponent(file)
    return "\(error); `continuum run \(quoted(experiment)) --results \(quoted(place)) "
      + "--again \(id)` makes it again"
  }

  /// As a shell takes it.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./+@%".contains($0) }
    return isPlain ? word : "'\(word.replacingOccurrences(of: "'", with: "'\\''"))'"
  }

  private static func nothing(in folders: [String], _ damaged: [Damage]) -> ReportError {
    let place = folders.joined(separator: ", ")
    guard let first = damaged.first else {
      return ReportError(
        "\(place): must be the results folder of an experiment, or a folder of run files (.h5); "
          + "it holds none")
    }
    return ReportError(
      "\(place): no run file can be read"
        + (damaged.count == 1 ? "" : " (\(damaged.count) damaged files)")
        + ": \(first.description)")
  }

  /// The last parts of the folders' paths; the paths as they were given where those are alike.
  private static func names(of folders: [String]) -> [String] {
    let short = folders.map { folder in
      URL(fileURLWithPath: RunDirectory.results(of: folder)).standardizedFileURL.lastPathComponent
    }
    return zip(folders, short).map { folder, name in
      short.count { $0 == name } > 1 ? folder : name
    }
  }
}
