// SPDX-License-Identifier: Apache-2.0

import Settings

/// A flag of a command, said once: its name, what it takes, its default and what it is.
///
/// ```swift
/// enum Flags {
///   static let batch = Flag("batch", default: 32, in: 1...65_536, "images in a batch")
/// }
/// static let flags: [any AnyFlag] = [Flags.batch]
/// … try arguments[Flags.batch]
/// ```
/// Parsing, help with defaults, the nearest right spelling, shell completions and the man page come
/// from it. What is read is a flag, not a name: one that is declared nowhere does not compile, and
/// reading one that the command does not list ends the program.
struct Flag<Value: Sendable>: AnyFlag {
  let name: String
  let placeholder: String?
  let summary: String
  var words: [String] = []
  var isRepeatable = false
  var isRequired = false
  fileprivate let parse: @Sendable (SaidValues) throws(SettingsError) -> Value
}

/// What the command line says of a flag.
private struct SaidValues {
  var values: [String]
  /// The error of a value that breaks a rule.
  var error: (_ rule: String, _ suggestion: String?) -> SettingsError
}

/// A flag, whatever it takes.
protocol AnyFlag: Sendable {
  /// Without its dashes.
  var name: String { get }
  /// What its value is called in the help; nil for a switch.
  var placeholder: String? { get }
  /// What it is, with its default.
  var summary: String { get }
  /// The values that it takes, where they are few.
  var words: [String] { get }
  var isRepeatable: Bool { get }
  var isRequired: Bool { get }
}

extension AnyFlag {
  var usage: String { "--\(name)" + (placeholder.map { " \($0)" } ?? "") }
}

// MARK: What flags take

extension Flag<Bool> {
  /// A switch.
  init(_ name: String, _ summary: String) {
    (self.name, placeholder, self.summary) = (name, nil, summary)
    parse = { said in !said.values.isEmpty }
  }
}

extension Flag<String?> {
  /// - Parameter words: what completions offer.
  init(
    _ name: String, _ placeholder: String, _ summary: String, words: [String] = [],
    isRequired: Bool = false
  ) {
    (self.name, self.placeholder, self.summary) = (name, placeholder, summary)
    (self.words, self.isRequired) = (words, isRequired)
    parse = { said in said.values.last }
  }
}

extension Flag<[String]> {
  init(
    repeated name: String, _ placeholder: String, _ summary: String, isRequired: Bool = false
  ) {
    (self.name, self.placeholder, self.summary) = (name, placeholder, summary)
    (isRepeatable, self.isRequired) = (true, isRequired)
    parse = { said in said.values }
  }
}

extension Flag<Int?> {
  init(_ name: String, _ placeholder: String = "N", in range: ClosedRange<Int>, _ summary: String) {
    (self.name, self.placeholder, self.summary) = (name, placeholder, summary)
    parse = { said throws(SettingsError) in try said.integer(in: range) }
  }
}

extension Flag<Int> {
  init(
    _ name: String, _ placeholder: String = "N", default fallback: Int, in range: ClosedRange<Int>,
    _ summary: String
  ) {
    (self.name, self.placeholder, self.summary) = (name, placeholder, "\(summary) (\(fallback))")
    parse = { said throws(SettingsError) in try said.integer(in: range) ?? fallback }
  }
}

extension Flag<Double?> {
  init(_ name: String, _ placeholder: String, in range: ClosedRange<Double>, _ summary: String) {
    (self.name, self.placeholder, self.summary) = (name, placeholder, summary)
    parse = { said throws(SettingsError) in
      guard let text = said.values.last else { return nil }
      guard let value = Double(text), range.contains(value) else {
        throw said.error(
          "must be a number from \(range.lowerBound) to \(range.upperBound)", nil)
      }
      return value
    }
  }
}

extension Flag where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  /// One of a type's cases.
  init(
    _ name: String, default fallback: Value, _ summary: String, isRequired: Bool = false
  ) {
    words = Value.allCases.map(\.rawValue)
    (self.name, placeholder) = (name, words.joined(separator: "|"))
    self.summary = isRequired ? summary : "\(summary) (\(fallback.rawValue))"
    self.isRequired = isRequired
    parse = { said throws(SettingsError) in try said.choice(of: Value.self) ?? fallback }
  }
}

extension Flag {
  /// One of a type's cases, or none.
  init<Choice>(_ name: String, of choices: Choice.Type, _ summary: String)
  where
    Value == Choice?, Choice: CaseIterable & RawRepresentable & Sendable, Choice.RawValue == String
  {
    words = Choice.allCases.map(\.rawValue)
    (self.name, placeholder, self.summary) = (name, words.joined(separator: "|"), summary)
    parse = { said throws(SettingsError) in try said.choice(of: Choice.self) }
  }
}

extension SaidValues {
  fileprivate func integer(in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let text = values.last else { return nil }
    guard let value = Int(text) else { throw error("must be a whole number", nil) }
    guard range.contains(value) else {
      throw error(
        range.upperBound == .max
          ? "must be at least \(range.lowerBound)"
          : "must lie between \(range.lowerBound) and \(range.upperBound)", nil)
    }
    return value
  }

  fileprivate func choice<Choice>(of type: Choice.Type) throws(SettingsError) -> Choice?
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    guard let text = values.last else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    throw error(
      "must be one of: \(words.joined(separator: ", "))",
      Spelling.nearest(to: text, among: words))
  }
}

// MARK: Reading

extension Arguments {
  /// What the command line says of a flag, or its default.
  ///
  /// - Throws: where the value is none that the flag takes.
  subscript<Value>(flag: Flag<Value>) -> Value {
    get throws(SettingsError) { try flag.parse(said(flag)) }
  }

  subscript(flag: Flag<String?>) -> String? { text(flag) }

  subscript(flag: Flag<[String]>) -> [String] { values(of: flag) }

  private func said(_ flag: any AnyFlag) -> SaidValues {
    SaidValues(values: values(of: flag)) { error(flag, $0, suggestion: $1) }
  }
}
