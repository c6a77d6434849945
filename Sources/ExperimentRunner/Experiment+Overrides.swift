// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Settings

// MARK: Finding

extension Experiment {
  /// `Experiments/question/experiment.json` is called question, and `Experiments/question/small.json`
  /// small.
  static func name(of file: String) -> String {
    let url = URL(fileURLWithPath: file)
    guard url.lastPathComponent != "experiment.json" else {
      return url.deletingLastPathComponent().lastPathComponent
    }
    return url.pathExtension == "json"
      ? url.deletingPathExtension().lastPathComponent : url.lastPathComponent
  }

  static func find(_ path: String) throws(SettingsError) -> String {
    let candidates = [
      path, "\(path)/experiment.json", "Experiments/\(path)/experiment.json",
      "Experiments/\(path).json",
    ]
    for candidate in candidates {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
    }
    let known = (try? FileManager.default.contentsOfDirectory(atPath: "Experiments")) ?? []
    throw SettingsError(
      source: path, field: "", value: "",
      rule: "is no experiment file, no folder with an experiment.json, and no name in Experiments/",
      suggestion: Spelling.nearest(to: path, among: known.sorted()))
  }
}

// MARK: Overriding

extension Experiment {
  /// `training.epochs=2`; the value is JSON, or else a text.
  static func field(_ override: String) throws(SettingsError) -> ExperimentPoint.Field {
    guard let equals = override.firstIndex(of: "="), equals != override.startIndex else {
      throw SettingsError(
        source: "--set", field: "", value: override,
        rule: "must have the form path=value, as in training.epochs=2")
    }
    let text = String(override[override.index(after: equals)...])
    let value = (try? JSON(text: text, source: "--set")) ?? .string(text)
    return ExperimentPoint.Field(path: String(override[..<equals]), value: value)
  }

  /// Under `vary` the rest of the path is one name: `vary.data.lambda=[0]` replaces the values of
  /// `data.lambda`, and null takes them away.
  static func applying(_ field: ExperimentPoint.Field, to json: JSON) -> JSON {
    guard field.path.hasPrefix("vary."), case .object(let fields) = json else {
      return json.setting(field.path, to: field.value)
    }
    var varied: [String: JSON] =
      switch fields["vary"] {
      case .object(let own): own
      // A list is one of arms, which another factor is crossed with.
      case .array(let arms): ["arms": .array(arms)]
      default: [:]
      }
    varied[String(field.path.dropFirst("vary.".count))] = field.value
    return json.setting("vary", to: .object(varied))
  }

  /// Refuses to set what something else decides: it would be ignored.
  func checkDecidedFields() throws(SettingsError) {
    if budget != nil, points.contains(where: { $0.fields.contains { $0.path == "network.width" } })
    {
      throw SettingsError(
        source: source, field: "vary.network.width", value: "",
        rule: "must not stand beside a budget, which solves the width of every run")
    }
    // To take away a width may be what another network or a budget needs.
    for field in overridden.flatMap(\.leaves)
    where field.value != .null || !WidthAxis.paths.contains(field.path) {
      if points.allSatisfy({ $0.decides(field.path) }) {
        throw SettingsError(
          source: "--set", field: field.path, value: field.value.canonicalText,
          rule: "would change nothing, as vary decides this field at every point; \(remedy(field))")
      }
    }
    for field in overridden where field.value != .null {
      if budget?.hold == .segments, let width = Self.width(field), width != .null {
        throw SettingsError(
          source: "--set", field: "network.width", value: width.canonicalText,
          rule: "must not be set beside a budget, which solves the width of every run; "
            + "--set budget=null takes the budget away")
      }
    }
  }

  /// The network's width, where an override says one.
  private static func width(_ field: ExperimentPoint.Field) -> JSON? {
    switch field.path {
    case "network.width": field.value
    case "network": field.value["width"]
    default: nil
    }
  }

  /// What of the command line some points do not take, one sentence each.
  func unreachedNotes(_ points: [ExperimentPoint]) -> [String] {
    overridden.flatMap(\.leaves).compactMap { field in
      let others = points.count { $0.decides(field.path) }
      guard field.value != .null, others > 0 else { return nil }
      return "--set \(field.path)=\(field.value.plainText) does not reach \(others) of "
        + "\(points.count) points: \(others == 1 ? "its arm sets" : "their arms set") the field"
    }
  }

  /// How to say what `--set` cannot, as `vary` decides it.
  private func remedy(_ field: ExperimentPoint.Field) -> String {
    let deciding =
      points[0].fields.map(\.path)
      .first { field.path == $0 || field.path.hasPrefix("\($0).") } ?? field.path
    guard case .object(let factors)? = json["vary"], factors[deciding] != nil else {
      return "change it in the arms, or take them away with --set vary=null"
    }
    let value = deciding == field.path ? field.value.canonicalText : "…"
    return "say --set 'vary.\(deciding)=[\(value)]'"
  }

  /// - Throws: where a point's network names a width that the budget replaces. A segment's width,
  ///   once held, is that at the network's own width.
  func checkWidth(_ json: JSON, _ budget: Budget?) throws(SettingsError) {
    guard let budget else { return }
    for path in WidthAxis.paths where path != "network.width" || budget.hold == .segments {
      guard let width = json[path], width != .null else { continue }
      // Of a network with a width, the factor is that of all other channels, and stays.
      if path == "network.widthMultiplier", hasOwnWidth(json["network"]) { continue }
      let isVaried = base[path] != width
      let isSet = overridden.contains { field in
        path == field.path || (isVaried && field.path.hasPrefix("vary"))
      }
      let place = isSet ? "--set" : source
      throw SettingsError(
        source: place, field: path, value: width.canonicalText,
        rule: "must not stand beside a budget, which solves the width of every run; leave out one")
    }
  }

  private func hasOwnWidth(_ network: JSON?) -> Bool {
    guard let network, let description = try? NetworkDescription(network, source: source) else {
      return false
    }
    return WidthAxis(of: description) == .width
  }
}
