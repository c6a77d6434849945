// SPDX-License-Identifier: Apache-2.0

/// Strict, typed reading of a JSON object: every field is asked for by name, type, range and a
/// sentence that says what it is, and `finish` refuses what nobody asked for.
///
/// ```swift
/// var fields = try Fields(json, source: "experiment.json", path: "training")
/// let epochs = try fields.integer("epochs", default: 16, in: 1...10_000, "passes over the images")
/// let schedule = try fields.choice("schedule", default: Schedule.cosine, "the rate's course")
/// try fields.finish()
/// ```
/// To ask for a field is to declare it (`Declaration`) and to record it: no field can be read that the
/// schema and the reference of all keys do not know, or that is missing from `recorded`.
public struct Fields: Sendable {
  /// The file or option being read, for errors.
  public let source: String
  /// The dotted path of this object inside the source; empty at the top.
  public let path: String
  private let values: [String: JSON]
  /// The names that were asked for so far.
  public private(set) var known: [String] = []
  /// What was read, defaults filled in: the part of a run's identity that this object is.
  public private(set) var recorded: [String: JSON] = [:]
  /// Where declarations are written down; nil where nobody asks for them.
  public let log: DeclarationLog?

  /// - Throws: where `json` is not an object.
  public init(
    _ json: JSON, source: String, path: String = "", log: DeclarationLog? = nil
  ) throws(SettingsError) {
    guard case .object(let values) = json else {
      throw SettingsError(
        source: source, field: path, value: json.canonicalText, rule: "must be an object { … }")
    }
    self.source = source
    self.path = path
    self.values = values
    self.log = log
  }

  /// Whether the field stands in the file (null counts as absent).
  public func contains(_ name: String) -> Bool {
    (values[name] ?? .null) != .null
  }

  /// Whether a field holds this value; asking is no declaration.
  public func holds(_ name: String, _ value: JSON) -> Bool { values[name] == value }

  /// The raw value, or nil where it is absent or null.
  ///
  /// - Parameters:
  ///   - name: the field's.
  ///   - form: what values it takes.
  ///   - fallback: what stands for an absent field, if anything does.
  ///   - summary: what the field is, in a sentence without its full stop.
  public mutating func json(
    _ name: String, _ form: Declaration.Form, default fallback: JSON? = nil, _ summary: String
  ) -> JSON? {
    known.append(name)
    let value = values[name] == .null ? nil : values[name]
    log?.add(
      Declaration(path: pathOf(name), form: form, fallback: fallback, summary: summary),
      said: value)
    return value
  }

  /// Records a field otherwise than it was read.
  public mutating func record(_ name: String, _ value: JSON) {
    recorded[name] = value
  }

  /// Leaves no trace of a field that was read.
  public mutating func leaveOut(_ name: String) {
    recorded.removeValue(forKey: name)
  }

  /// Takes back the declaration of a field that is read only to be refused with more words.
  public func undeclare(_ name: String) {
    log?.remove(pathOf(name))
  }

  /// An error about one field of this object.
  public func error(_ name: String, _ rule: String, suggestion: String? = nil) -> SettingsError {
    SettingsError(
      source: source, field: pathOf(name), value: values[name]?.canonicalText ?? "",
      rule: rule, suggestion: suggestion)
  }

  /// The dotted path of a field of this object.
  public func pathOf(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// Refuses fields that were never asked for, and names the nearest right spelling.
  public func finish() throws(SettingsError) {
    guard let unknown = values.keys.sorted().first(where: { !known.contains($0) }) else { return }
    throw SettingsError(
      source: source, field: pathOf(unknown), value: "",
      rule: "unknown field; known here: \(Set(known).sorted().joined(separator: ", "))",
      suggestion: Spelling.nearest(to: unknown, among: known))
  }
}
