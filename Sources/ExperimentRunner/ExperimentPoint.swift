// SPDX-License-Identifier: Apache-2.0

import Settings

/// One point of an experiment: the fields that it sets, over what the file says for all.
///
/// Under `vary` stands an object of factors, each a path with its list of values, of which all
/// combinations are points; or a list of arms, each of which sets several fields at once:
///
/// ```json
/// "vary": {
///   "arms": [
///     {"name": "plain", "network.block": {…}, "training.optimizer.learningRate": 0.1},
///     {"network.block": {…}, "vary": {"training.optimizer.learningRate": [0.01, 0.03]}}
///   ],
///   "data.lambda": [0, 1]
/// }
/// ```
/// Arms are crossed with the factors beside them; an arm may vary further by itself. A list in
/// place of the object is one of arms alone.
struct ExperimentPoint: Sendable {
  /// A label of its own, from the arms that it is of; nil where they have none.
  var name: String?
  /// What the point sets, by paths.
  var fields: [Field] = []

  struct Field: Sendable {
    var path: String
    var value: JSON

    /// The fields that an object says one by one, down to single values; else the field itself.
    var leaves: [Field] {
      guard case .object(let parts) = value, !parts.isEmpty else { return [self] }
      return parts.sorted { $0.key < $1.key }
        .flatMap { Field(path: "\(path).\($0.key)", value: $0.value).leaves }
    }
  }

  /// The sections of a run's configuration.
  static let sections = ["data", "network", "training"]
  /// What may vary: the sections, and what the width is solved for.
  static let varied = sections + ["budget"]
  /// More are a slip of the pen: every point is trained.
  static let mostPoints = 100_000

  /// The experiment's settings at this point: the whole of a section before its parts.
  func applied(to base: JSON) -> JSON {
    fields.sorted { $0.path < $1.path }.reduce(base) { $0.setting($1.path, to: $1.value) }
  }

  /// Whether the point sets a section, or something in it.
  func sets(_ section: String) -> Bool {
    fields.contains { $0.path == section || $0.path.hasPrefix("\(section).") }
  }

  /// Whether the point replaces whatever stands at a path.
  func decides(_ path: String) -> Bool {
    fields.contains { path == $0.path || path.hasPrefix("\($0.path).") }
  }
}

// MARK: Reading

extension ExperimentPoint {
  /// The points that stand under `vary`; a single one, which sets nothing, where nothing does.
  ///
  /// - Parameter field: where in the file, for errors.
  static func points(
    of vary: JSON?, source: String, at field: String = "vary"
  ) throws(SettingsError) -> [ExperimentPoint] {
    switch vary {
    case nil, .null?:
      return [ExperimentPoint()]
    case .array?:
      return try arms(vary, source: source, at: field)
    case .object(let factors)?:
      var points = [ExperimentPoint()]
      if let list = factors["arms"], list != .null {
        points = try arms(list, source: source, at: "\(field).arms")
      }
      for (path, values) in factors.sorted(by: { $0.key < $1.key })
      where path != "arms" && values != .null {
        try check(path, source: source, at: field)
        points = try crossed(points, path, values, source: source, at: field)
      }
      return points
    case let other?:
      throw SettingsError(
        source: source, field: field, value: other.canonicalText,
        rule: "must be an object of paths and lists of values, or a list of arms")
    }
  }

  private static func crossed(
    _ points: [ExperimentPoint], _ path: String, _ values: JSON, source: String, at field: String
  ) throws(SettingsError) -> [ExperimentPoint] {
    func refusal(_ rule: String) -> SettingsError {
      SettingsError(
        source: source, field: "\(field).\(path)", value: values.canonicalText, rule: rule)
    }
    guard case .array(let list) = values, !list.isEmpty else {
      throw refusal("must be a list of at least one value")
    }
    guard list.count <= mostPoints / points.count else {
      throw refusal("must leave the experiment with at most \(mostPoints) points")
    }
    if points.contains(where: { $0.fields.contains { $0.path == path } }) {
      throw refusal("must not stand beside an arm that sets the same field")
    }
    return points.flatMap { point in
      list.map { value in
        var next = point
        next.fields.append(Field(path: path, value: value))
        return next
      }
    }
  }

  private static func arms(
    _ json: JSON?, source: String, at field: String
  ) throws(SettingsError) -> [ExperimentPoint] {
    guard case .array(let arms)? = json, !arms.isEmpty else {
      throw SettingsError(
        source: source, field: field, value: json?.canonicalText ?? "",
        rule: "must be a list of at least one arm { … }")
    }
    var points: [ExperimentPoint] = []
    var named: [String: JSON] = [:]
    for (index, arm) in arms.enumerated() {
      if case .string(let name)? = arm["name"] {
        guard named[name] == nil || named[name] == arm else {
          throw SettingsError(
            source: source, field: "\(field)[\(index)].name", value: "\"\(name)\"",
            rule: "must be another name than that of a different arm before it")
        }
        named[name] = arm
      }
      points += try self.arm(arm, source: source, at: "\(field)[\(index)]")
    }
    return points
  }

  /// The points of one arm: several where it varies further.
  private static func arm(
    _ json: JSON, source: String, at field: String
  ) throws(SettingsError) -> [ExperimentPoint] {
    guard case .object(let own) = json else {
      throw SettingsError(
        source: source, field: field, value: json.canonicalText,
        rule: "must be an arm: an object of paths and one value for each")
    }
    var arm = ExperimentPoint()
    for (path, value) in own.sorted(by: { $0.key < $1.key }) {
      switch path {
      case "vary": continue
      case "name": arm.name = try name(value, source: source, at: field)
      default:
        try check(path, source: source, at: field, beside: ["name", "vary"])
        arm.fields.append(Field(path: path, value: value))
      }
    }
    return try points(of: own["vary"], source: source, at: "\(field).vary").map {
      point throws(SettingsError) in
      let set = Set(arm.fields.map(\.path))
      if let twice = point.fields.first(where: { set.contains($0.path) }) {
        throw SettingsError(
          source: source, field: "\(field).vary.\(twice.path)", value: "",
          rule: "must not stand beside the same field of its arm")
      }
      let names = [arm.name, point.name].compactMap(\.self)
      return ExperimentPoint(
        name: names.isEmpty ? nil : names.joined(separator: ", "),
        fields: arm.fields + point.fields)
    }
  }

  private static func name(
    _ value: JSON, source: String, at field: String
  ) throws(SettingsError) -> String? {
    if value == .null { return nil }
    guard case .string(let name) = value, !name.isEmpty, !name.contains(where: \.isNewline) else {
      throw SettingsError(
        source: source, field: "\(field).name", value: value.canonicalText,
        rule: "must be a text of one line, the point's label")
    }
    return name
  }

  /// - Throws: where a path leads into no section that may vary.
  static func check(
    _ path: String, source: String, at field: String, beside others: [String] = []
  ) throws(SettingsError) {
    let first = path.split(separator: ".").first.map(String.init) ?? ""
    guard !varied.contains(first) else { return }
    let also = others.isEmpty ? "" : ", or be \(others.joined(separator: " or "))"
    throw SettingsError(
      source: source, field: "\(field).\(path)", value: "",
      rule: "must begin with data., network., training. or budget.\(also)",
      suggestion: Spelling.nearest(to: first, among: varied + others))
  }
}
