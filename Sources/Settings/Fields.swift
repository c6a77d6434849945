/// Strict, typed reading of a JSON object: every field is asked for by name, type and range, and
/// `finish` refuses what nobody asked for.
///
/// ```swift
/// var fields = try Fields(json, source: "experiment.json", path: "training")
/// let epochs = try fields.integer("epochs", default: 16, in: 1...10_000)
/// let schedule = try fields.choice("schedule", default: Schedule.cosine)
/// try fields.finish()
/// ```
public struct Fields: Sendable {
  /// The file or option being read, for errors.
  public let source: String
  /// The dotted path of this object inside the source; empty at the top.
  public let path: String
  private let values: [String: JSON]
  /// The names that were asked for so far.
  public private(set) var known: [String] = []

  /// - Throws: where `json` is not an object.
  public init(_ json: JSON, source: String, path: String = "") throws(SettingsError) {
    guard case .object(let values) = json else {
      throw SettingsError(
        source: source, field: path, value: json.canonicalText, rule: "must be an object { … }")
    }
    self.source = source
    self.path = path
    self.values = values
  }

  /// Whether the field stands in the file (null counts as absent).
  public func contains(_ name: String) -> Bool {
    (values[name] ?? .null) != .null
  }

  /// The raw value, or nil where it is absent or null.
  public mutating func json(_ name: String) -> JSON? {
    known.append(name)
    let value = values[name]
    return value == .null ? nil : value
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

// MARK: Typed fields

extension Fields {
  /// A whole number, or nil where the field is absent.
  public mutating func integer(
    _ name: String, in range: ClosedRange<Int> = .min ... .max
  ) throws(SettingsError) -> Int? {
    guard let value = json(name) else { return nil }
    guard let integer = value.integerValue else { throw error(name, "must be a whole number") }
    guard range.contains(integer) else { throw error(name, Self.rule(range)) }
    return integer
  }

  /// A whole number with a default.
  public mutating func integer(
    _ name: String, default fallback: Int, in range: ClosedRange<Int> = .min ... .max
  ) throws(SettingsError) -> Int {
    try integer(name, in: range) ?? fallback
  }

  /// A finite number, or nil where the field is absent.
  public mutating func number(
    _ name: String, in range: ClosedRange<Double> = -1e300...1e300
  ) throws(SettingsError) -> Double? {
    guard let value = json(name) else { return nil }
    guard let number = value.numberValue else { throw error(name, "must be a number") }
    guard range.contains(number) else {
      throw error(name, "must lie between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
  }

  /// A finite number with a default.
  public mutating func number(
    _ name: String, default fallback: Double, in range: ClosedRange<Double> = -1e300...1e300
  ) throws(SettingsError) -> Double {
    try number(name, in: range) ?? fallback
  }

  /// True or false, with a default.
  public mutating func bool(
    _ name: String, default fallback: Bool
  ) throws(SettingsError) -> Bool {
    guard let value = json(name) else { return fallback }
    guard case .bool(let bool) = value else { throw error(name, "must be true or false") }
    return bool
  }

  /// A text, or nil where the field is absent.
  public mutating func string(_ name: String) throws(SettingsError) -> String? {
    guard let value = json(name) else { return nil }
    guard case .string(let text) = value else { throw error(name, "must be a text in quotes") }
    return text
  }

  /// One of a type's cases, by its raw value, or nil where the field is absent.
  public mutating func choice<Choice>(
    _ name: String, of type: Choice.Type = Choice.self
  ) throws(SettingsError) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    guard let text = try string(name) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw error(
      name, "must be one of: \(names.joined(separator: ", "))",
      suggestion: Spelling.nearest(to: text, among: names))
  }

  /// One of a type's cases with a default.
  public mutating func choice<Choice>(
    _ name: String, default fallback: Choice
  ) throws(SettingsError) -> Choice
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    try choice(name) ?? fallback
  }

  /// A list of any values, or nil where the field is absent.
  public mutating func list(_ name: String) throws(SettingsError) -> [JSON]? {
    guard let value = json(name) else { return nil }
    guard case .array(let values) = value else { throw error(name, "must be a list [ … ]") }
    return values
  }

  /// A list of whole numbers, or nil where the field is absent.
  public mutating func integers(
    _ name: String, in range: ClosedRange<Int> = .min ... .max
  ) throws(SettingsError) -> [Int]? {
    guard let values = try list(name) else { return nil }
    var integers: [Int] = []
    for value in values {
      guard let integer = value.integerValue else {
        throw error(name, "must be a list of whole numbers")
      }
      guard range.contains(integer) else {
        throw error(name, "has \(integer): each \(Self.rule(range))")
      }
      integers.append(integer)
    }
    return integers
  }

  /// A nested object, or nil where the field is absent.
  public mutating func object(_ name: String) throws(SettingsError) -> Fields? {
    guard let value = json(name) else { return nil }
    return try Fields(value, source: source, path: pathOf(name))
  }

  /// A nested object with a default for where the field is absent.
  public mutating func object(
    _ name: String, default fallback: JSON
  ) throws(SettingsError) -> Fields {
    try Fields(json(name) ?? fallback, source: source, path: pathOf(name))
  }

  private static func rule(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (let low, .max): "must be at least \(low)"
    case (.min, let high): "must be at most \(high)"
    case (let low, let high): "must lie between \(low) and \(high)"
    }
  }
}

extension JSON {
  /// The whole number that this value is, 3.0 counted as 3.
  public var integerValue: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The finite number that this value is.
  public var numberValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value) where value.isFinite: value
    default: nil
    }
  }
}
