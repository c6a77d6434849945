// SPDX-License-Identifier: Apache-2.0

import Datasets
import ModelZoo
import Settings
import Training

/// Points that an experiment leaves out: those at which every named field has the value that stands
/// there. An object matches where its own fields do.
///
/// ```json
/// "exclude": [{"network.block.kind": "regular-conv", "network.block.between": "relu"}]
/// ```
/// Fields that a point leaves to their defaults are compared by these; `name` is the point's label.
struct Exclusion: Sendable {
  private let conditions: [(path: String, value: JSON)]
  /// Where in the file, for errors.
  let field: String

  /// - Throws: what is no list of objects of paths and values.
  static func list(_ fields: inout Fields) throws(SettingsError) -> [Exclusion] {
    var exclusions: [Exclusion] = []
    let list =
      try fields.list("exclude", .part("exclude"), "points that are left out") ?? []
    for (index, json) in list.enumerated() {
      let field = "exclude[\(index)]"
      guard case .object(let conditions) = json, !conditions.isEmpty else {
        throw SettingsError(
          source: fields.source, field: field, value: json.canonicalText,
          rule: "must be an object of paths and values that points have")
      }
      for path in conditions.keys.sorted() where path != "name" {
        try ExperimentPoint.check(path, source: fields.source, at: field, beside: ["name"])
      }
      exclusions.append(
        Exclusion(
          conditions: conditions.sorted { $0.key < $1.key }.map { (path: $0.key, value: $0.value) },
          field: field))
    }
    return exclusions
  }

  /// - Parameters:
  ///   - said: the point's settings as the file has them.
  ///   - resolved: the same with every default, as far as they can be read.
  func matches(_ point: ExperimentPoint, said: JSON, resolved: JSON) -> Bool {
    conditions.allSatisfy { path, value in
      if path == "name" { return .string(point.name ?? "") == value }
      return Self.holds(resolved[path] ?? said[path] ?? .null, value)
    }
  }

  /// - Parameter known: every field that some point has, by its path.
  /// - Throws: a field that no point has, with the nearest right spelling.
  func check(among known: Set<String>, source: String) throws(SettingsError) {
    let named = conditions.filter { $0.path != "name" }
      .flatMap { path, value in [path] + value.paths.map { "\(path).\($0)" } }
    guard let wrong = named.first(where: { !known.contains($0) }) else { return }
    throw SettingsError(
      source: source, field: "\(field).\(wrong)", value: "",
      rule: "is a field that no point has",
      suggestion: Spelling.nearest(to: wrong, among: known.sorted()))
  }

  private static func holds(_ actual: JSON, _ wanted: JSON) -> Bool {
    guard case .object(let fields) = wanted, case .object = actual else {
      return actual.canonicalText == wanted.canonicalText
    }
    return fields.allSatisfy { holds(actual[$0.key] ?? .null, $0.value) }
  }

  /// A point's settings with every default: sections that cannot be read are absent.
  static func resolved(_ said: JSON, source: String) -> JSON {
    var resolved: [String: JSON] = [:]
    let network = try? NetworkDescription(said["network"] ?? .null, source: source)
    resolved["network"] = network?.settings
    if var fields = try? Fields(said["data"] ?? .null, source: source) {
      let preprocessing = network?.preprocessing ?? .inception()
      resolved["data"] = (try? DatasetDescription(&fields, preprocessing: preprocessing))?.canonical
    }
    if let fields = try? Fields(said["training"] ?? .null, source: source) {
      resolved["training"] = (try? TrainingSettings(fields))?.settings
    }
    resolved["budget"] = said["budget"]
    return .object(resolved)
  }
}

extension JSON {
  /// The path of every field, of objects and of what is inside; none for what is no object.
  var paths: [String] {
    guard case .object(let fields) = self else { return [] }
    return fields.flatMap { name, value in [name] + value.paths.map { "\(name).\($0)" } }
  }
}
