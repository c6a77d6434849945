// SPDX-License-Identifier: Apache-2.0

import Datasets
import ModelZoo
import Settings
import Training

/// One setting of a run as it is, defaults filled in, and who said so.
public struct ResolvedSetting: Sendable, Equatable {
  public var path: String
  /// Nil where the field is absent and nothing stands for it.
  public var value: JSON?
  public var origin: Origin

  /// Where a value comes from.
  public enum Origin: String, Sendable {
    case file
    /// The command line.
    case set = "--set"
    case vary
    /// A list or arms under `vary` that the command line replaced.
    case setVary = "--set vary"
    /// Solved for, that the run costs what it should.
    case budget
    case `default`
  }
}

extension Experiment {
  /// Every setting of a run of this experiment, in the order in which they are read.
  public func settings(of run: PlannedRun) -> [ResolvedSetting] {
    let log = DeclarationLog()
    // What varies is said at the point.
    let alone = json.setting("vary", to: .null).setting("budget", to: run.said["budget"] ?? .null)
    _ = try? Experiment(alone, name: name, source: source, log: log)
    let beside: Set = ["$schema", "question", "version", "vary", "exclude"]
    let own = log.entries.filter {
      !beside.contains($0.declaration.path)
        && !ExperimentPoint.sections.contains($0.declaration.path)
    }
    let entries = Self.sections(of: run).entries + own
    let configuration = (try? JSON(text: run.configuration, source: "")) ?? .null
    let settings = entries.filter { $0.declaration.form != .object }.map { entry in
      let path = entry.declaration.path
      let isSection = ExperimentPoint.sections.contains { path.hasPrefix("\($0).") }
      let settled = isSection ? configuration[path] : nil
      return ResolvedSetting(
        path: path, value: settled ?? entry.said ?? entry.declaration.fallback,
        origin: origin(of: entry, in: run, settled: settled))
    }
    // What is held replaces the number of segments that was said.
    let isHeld = settings.contains {
      $0.path == "network.block.segmentWidth" && $0.origin == .budget
    }
    let replaced = ["network.block.segments", "network.block.unequal"]
    return settings.filter { !isHeld || !replaced.contains($0.path) }
  }

  private static func sections(of run: PlannedRun) -> DeclarationLog {
    let log = DeclarationLog()
    let said = run.said
    _ = try? NetworkDescription(said["network"] ?? .null, source: "", path: "network", log: log)
    if var fields = try? Fields(said["data"] ?? .null, source: "", path: "data", log: log) {
      _ = try? DatasetDescription(&fields, preprocessing: run.network.preprocessing)
    }
    if let fields = try? Fields(said["training"] ?? .null, source: "", path: "training", log: log) {
      _ = try? TrainingSettings(fields)
    }
    return log
  }

  private func origin(
    of entry: DeclarationLog.Entry, in run: PlannedRun, settled: JSON?
  ) -> ResolvedSetting.Origin {
    let path = entry.declaration.path
    let solved = path == "network.block.segmentWidth" || WidthAxis.paths.contains(path)
    if run.budget != nil, solved, let settled, settled != entry.said { return .budget }
    func concerns(_ other: String) -> Bool { path == other || path.hasPrefix("\(other).") }
    if entry.said == nil { return .default }
    // Of an object and a field in it, the field is set last.
    if let varied = run.varied.filter(concerns).max(by: { $0.count < $1.count }) {
      return isVariedByCommandLine(varied) ? .setVary : .vary
    }
    return overridden.contains { concerns($0.path) } ? .set : .file
  }

  /// Whether what `vary` says of a path, as a factor or in its arms, is the command line's.
  private func isVariedByCommandLine(_ path: String) -> Bool {
    var places: Set = ["vary", "vary.arms"]
    if case .object(let factors)? = json["vary"], factors[path] != nil {
      places = ["vary", "vary.\(path)"]
    }
    return overridden.contains { places.contains($0.path) }
  }
}
