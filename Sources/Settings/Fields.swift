/// Strict, typed reading of a JSON object: every field is asked for by name, type, range and a
/// sentence that says what it is, and `finish` refuses what nobody asked for.
///
/// ```swift
/// var fields = try Fields(json, source: "experiment.json", path: "training")
/// let epochs = try fields.integer("epochs", default: 16, in: 1...10_000, "passes over the images")
/// let schedule = try fields.choice("schedule", default: Schedule.cosine, "the rate's course")
/// try fields.finish()
/// ```
/// To ask for a field is to declare it (`Declaration`): no field can be read that the schema and the
/// reference of all keys do not know.
public struct Fields: Sendable {
  /// The file or option being read, for errors.
  public let source: String
  /// The dotted path of this object inside the source; empty at the top.
  public let path: String
  private let values: [String: JSON]
  /// The names that were asked for so far.
  public private(set) var known: [String] = []
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

// MARK: Typed fields

extension Fields {
  /// A whole number, or nil where the field is absent.
  public mutating func integer(
    _ name: String, in range: ClosedRange<Int> = .min ... .max, _ summary: String
  ) throws(SettingsError) -> Int? {
    try integer(name, in: range, fallback: nil, summary)
  }

  /// A whole number with a default.
  public mutating func integer(
    _ name: String, default fallback: Int, in range: ClosedRange<Int> = .min ... .max,
    _ summary: String
  ) throws(SettingsError) -> Int {
    try integer(name, in: range, fallback: fallback, summary) ?? fallback
  }

  private mutating func integer(
    _ name: String, in range: ClosedRange<Int>, fallback: Int?, _ summary: String
  ) throws(SettingsError) -> Int? {
    let value = json(name, .integer(range), default: fallback.map(JSON.integer), summary)
    guard let value else { return nil }
    guard let integer = value.integerValue else { throw error(name, "must be a whole number") }
    guard range.contains(integer) else { throw error(name, Self.rule(range)) }
    return integer
  }

  /// A finite number, or nil where the field is absent.
  public mutating func number(
    _ name: String, in range: ClosedRange<Double> = -1e300...1e300, _ summary: String
  ) throws(SettingsError) -> Double? {
    try number(name, in: range, fallback: nil, summary)
  }

  /// A finite number with a default.
  public mutating func number(
    _ name: String, default fallback: Double, in range: ClosedRange<Double> = -1e300...1e300,
    _ summary: String
  ) throws(SettingsError) -> Double {
    try number(name, in: range, fallback: fallback, summary) ?? fallback
  }

  private mutating func number(
    _ name: String, in range: ClosedRange<Double>, fallback: Double?, _ summary: String
  ) throws(SettingsError) -> Double? {
    let value = json(name, .number(range), default: fallback.map(JSON.number), summary)
    guard let value else { return nil }
    guard let number = value.numberValue else { throw error(name, "must be a number") }
    guard range.contains(number) else {
      throw error(name, "must lie between \(range.lowerBound) and \(range.upperBound)")
    }
    return number
  }

  /// True or false, with a default.
  public mutating func bool(
    _ name: String, default fallback: Bool, _ summary: String
  ) throws(SettingsError) -> Bool {
    guard let value = json(name, .flag, default: .bool(fallback), summary) else { return fallback }
    guard case .bool(let bool) = value else { throw error(name, "must be true or false") }
    return bool
  }

  /// A text, or nil where the field is absent.
  ///
  /// - Parameter choices: the texts that the caller takes, where they are few; it refuses others.
  public mutating func string(
    _ name: String, among choices: [String] = [], default fallback: String? = nil,
    _ summary: String
  ) throws(SettingsError) -> String? {
    let value = json(
      name, choices.isEmpty ? .text : .choice(choices), default: fallback.map(JSON.string), summary)
    guard let value else { return nil }
    guard case .string(let text) = value else { throw error(name, "must be a text in quotes") }
    return text
  }

  /// One of a type's cases, by its raw value, or nil where the field is absent.
  public mutating func choice<Choice>(
    _ name: String, of type: Choice.Type = Choice.self, _ summary: String
  ) throws(SettingsError) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    try choice(name, fallback: nil, summary)
  }

  /// One of a type's cases with a default.
  public mutating func choice<Choice>(
    _ name: String, default fallback: Choice, _ summary: String
  ) throws(SettingsError) -> Choice
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    try choice(name, fallback: fallback, summary) ?? fallback
  }

  private mutating func choice<Choice>(
    _ name: String, fallback: Choice?, _ summary: String
  ) throws(SettingsError) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let text = try string(name, among: names, default: fallback?.rawValue, summary)
    guard let text else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    throw error(
      name, "must be one of: \(names.joined(separator: ", "))",
      suggestion: Spelling.nearest(to: text, among: names))
  }
}

// MARK: Lists and objects

extension Fields {
  /// A list of any values, or nil where the field is absent.
  public mutating func list(
    _ name: String, _ form: Declaration.Form, default fallback: JSON? = nil, _ summary: String
  ) throws(SettingsError) -> [JSON]? {
    guard let value = json(name, form, default: fallback, summary) else { return nil }
    guard case .array(let values) = value else { throw error(name, "must be a list [ … ]") }
    return values
  }

  /// A list of whole numbers, or nil where the field is absent.
  public mutating func integers(
    _ name: String, in range: ClosedRange<Int> = .min ... .max, default fallback: [Int]? = nil,
    _ summary: String
  ) throws(SettingsError) -> [Int]? {
    let standard = fallback.map { JSON.array($0.map(JSON.integer)) }
    guard let values = try list(name, .integers(range), default: standard, summary) else {
      return nil
    }
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
  public mutating func object(_ name: String, _ summary: String) throws(SettingsError) -> Fields? {
    guard let value = json(name, .object, summary) else { return nil }
    return try Fields(value, source: source, path: pathOf(name), log: log)
  }

  /// A nested object with a default for where the field is absent.
  public mutating func object(
    _ name: String, default fallback: JSON, _ summary: String
  ) throws(SettingsError) -> Fields {
    try Fields(
      json(name, .object, default: fallback, summary) ?? fallback, source: source,
      path: pathOf(name), log: log)
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
