// SPDX-License-Identifier: Apache-2.0

extension Fields {
  /// A whole number, or nil where the field is absent.
  public mutating func integer(
    _ name: String, in range: ClosedRange<Int> = .min ... .max, _ summary: String
  ) throws(SettingsError) -> Int? {
    let value = try integer(name, in: range, fallback: nil, summary)
    record(name, said: value.map(JSON.integer))
    return value
  }

  /// A whole number with a default.
  public mutating func integer(
    _ name: String, default fallback: Int, in range: ClosedRange<Int> = .min ... .max,
    _ summary: String, recorded: Recording = .always
  ) throws(SettingsError) -> Int {
    let value = try integer(name, in: range, fallback: fallback, summary) ?? fallback
    record(name, .integer(value), default: .integer(fallback), recorded)
    return value
  }

  private mutating func integer(
    _ name: String, in range: ClosedRange<Int>, fallback: Int?, _ summary: String
  ) throws(SettingsError) -> Int? {
    let value = json(name, .integer(range), default: fallback.map(JSON.integer), summary)
    guard let value else { return nil }
    guard let integer = value.integerValue else { throw error(name, "must be a whole number") }
    guard range.contains(integer) else { throw error(name, range.rule) }
    return integer
  }

  /// A finite number, or nil where the field is absent.
  public mutating func number(
    _ name: String, in range: ClosedRange<Double> = -1e300...1e300, _ summary: String
  ) throws(SettingsError) -> Double? {
    let value = try number(name, in: range, fallback: nil, summary)
    record(name, said: value.map(JSON.number))
    return value
  }

  /// A finite number with a default.
  public mutating func number(
    _ name: String, default fallback: Double, in range: ClosedRange<Double> = -1e300...1e300,
    _ summary: String, recorded: Recording = .always
  ) throws(SettingsError) -> Double {
    let value = try number(name, in: range, fallback: fallback, summary) ?? fallback
    record(name, .number(value), default: .number(fallback), recorded)
    return value
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
    _ name: String, default fallback: Bool, _ summary: String, recorded: Recording = .always
  ) throws(SettingsError) -> Bool {
    var value = fallback
    if let said = json(name, .flag, default: .bool(fallback), summary) {
      guard case .bool(let bool) = said else { throw error(name, "must be true or false") }
      value = bool
    }
    record(name, .bool(value), default: .bool(fallback), recorded)
    return value
  }

  /// A text, or nil where the field is absent.
  ///
  /// - Parameters:
  ///   - name: the field's.
  ///   - choices: the texts that the caller takes, where they are few; it refuses others.
  ///   - fallback: what an absent field stands for.
  ///   - summary: what the field is, in a sentence without its full stop.
  public mutating func string(
    _ name: String, among choices: [String] = [], default fallback: String? = nil,
    _ summary: String
  ) throws(SettingsError) -> String? {
    let value = json(
      name, choices.isEmpty ? .text : .choice(choices), default: fallback.map(JSON.string), summary)
    guard let value else {
      record(name, said: fallback.map(JSON.string))
      return nil
    }
    guard case .string(let text) = value else { throw error(name, "must be a text in quotes") }
    record(name, value)
    return text
  }

  /// One of some texts, or nil where the field is absent.
  ///
  /// - Throws: where it is another text, with the nearest right spelling.
  public mutating func string(
    _ name: String, of choices: [String], default fallback: String? = nil, _ summary: String
  ) throws(SettingsError) -> String? {
    guard let text = try string(name, among: choices, default: fallback, summary) else {
      return nil
    }
    guard choices.contains(text) else {
      throw error(
        name, "must be one of: \(choices.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: text, among: choices))
    }
    return text
  }

  /// One of several kinds, by its key.
  ///
  /// - Parameters:
  ///   - name: the field's.
  ///   - kinds: those that there are.
  ///   - fallback: what an absent field stands for.
  ///   - noun: what the kinds are, for the error: `block`.
  ///   - key: a kind's key.
  ///   - summary: what the field is, in a sentence without its full stop.
  /// - Throws: where the key is of no kind, with the nearest right spelling.
  public mutating func kind<Kind>(
    _ name: String = "kind", of kinds: [Kind], default fallback: Kind? = nil, noun: String,
    key: (Kind) -> String, _ summary: String
  ) throws(SettingsError) -> Kind {
    let keys = kinds.map(key)
    let said = try string(name, of: keys, default: fallback.map(key), summary)
    let kind = kinds.first { key($0) == said } ?? fallback
    guard let kind else {
      throw error(name, "must name a \(noun): \(keys.joined(separator: ", "))")
    }
    return kind
  }

  /// One of a type's cases, by its raw value, or nil where the field is absent.
  public mutating func choice<Choice>(
    _ name: String, of type: Choice.Type = Choice.self, _ summary: String
  ) throws(SettingsError) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    try string(name, of: Choice.allCases.map(\.rawValue), summary)
      .flatMap { Choice(rawValue: $0) }
  }

  /// One of a type's cases with a default.
  public mutating func choice<Choice>(
    _ name: String, default fallback: Choice, _ summary: String, recorded: Recording = .always
  ) throws(SettingsError) -> Choice
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    let text = try string(name, of: names, default: fallback.rawValue, summary)
    let value = text.flatMap { Choice(rawValue: $0) } ?? fallback
    record(name, .string(value.rawValue), default: .string(fallback.rawValue), recorded)
    return value
  }
}

// MARK: Lists and objects

extension Fields {
  /// A list of any values, or nil where the field is absent.
  public mutating func list(
    _ name: String, _ form: Declaration.Form, default fallback: JSON? = nil, _ summary: String
  ) throws(SettingsError) -> [JSON]? {
    let value = json(name, form, default: fallback, summary)
    record(name, said: value ?? fallback)
    guard let value else { return nil }
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
        throw error(name, "has \(integer): each \(range.rule)")
      }
      integers.append(integer)
    }
    record(name, .array(integers.map(JSON.integer)))
    return integers
  }

  /// A nested object, or nil where the field is absent.
  public mutating func object(_ name: String, _ summary: String) throws(SettingsError) -> Fields? {
    guard let value = json(name, .object, summary) else { return nil }
    return try Fields(value, source: source, path: pathOf(name), log: log)
  }

  /// What a nested object says, with a default for where the field is absent.
  ///
  /// - Parameters:
  ///   - name: the field's.
  ///   - fallback: what an absent field stands for.
  ///   - summary: what the field is, in a sentence without its full stop.
  ///   - read: reads all its fields; others are refused.
  public mutating func object<Value>(
    _ name: String, default fallback: JSON = [:], _ summary: String,
    read: (inout Fields) throws(SettingsError) -> Value
  ) throws(SettingsError) -> Value {
    var nested = try Fields(
      json(name, .object, default: fallback, summary) ?? fallback, source: source,
      path: pathOf(name), log: log)
    let value = try read(&nested)
    try nested.finish()
    record(name, .object(nested.recorded))
    return value
  }
}

extension ClosedRange<Int> {
  /// What a value must be, as the end of a sentence.
  var rule: String {
    switch (lowerBound, upperBound) {
    case (let low, .max): "must be at least \(low)"
    case (.min, let high): "must be at most \(high)"
    case (let low, let high): "must lie between \(low) and \(high)"
    }
  }
}
