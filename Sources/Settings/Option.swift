// SPDX-License-Identifier: Apache-2.0

/// A field said once: its name, its default, what it may hold and what it is.
///
/// ```swift
/// static let depthMultiplier = Option(
///   "depthMultiplier", 1, in: 1...64, "depthwise kernels for each channel")
/// ```
/// What lists its options, as blocks do, is read, recorded, listed and described from that list.
public struct Option<Value: Sendable>: AnyOption {
  public let name: String
  /// What stands for an absent field; nil, where `Value` is optional and there is no such thing.
  public let fallback: Value
  public let form: Declaration.Form
  private let reading: @Sendable (inout Fields) throws(SettingsError) -> Value
  private let json: @Sendable (Value) -> JSON?

  /// What is said of an option, as JSON; nil for an optional one of which nothing is said.
  fileprivate func said(_ value: Value) -> JSON? { json(value) }

  /// - Throws: where the field holds what it may not.
  public func read(
    _ fields: inout Fields, into values: inout OptionValues
  ) throws(SettingsError) {
    values[self] = try reading(&fields)
  }
}

/// An option, whatever its values are.
public protocol AnyOption: Sendable {
  var name: String { get }
  var form: Declaration.Form { get }
  /// Reads the field that the option is.
  func read(_ fields: inout Fields, into values: inout OptionValues) throws(SettingsError)
}

// MARK: What options may hold

extension Option<Int> {
  public init(
    _ name: String, _ fallback: Int, in range: ClosedRange<Int>, _ summary: String,
    recorded: Recording = .unlessDefault
  ) {
    (self.name, self.fallback, form) = (name, fallback, .integer(range))
    reading = { fields throws(SettingsError) in
      try fields.integer(name, default: fallback, in: range, summary, recorded: recorded)
    }
    json = { .integer($0) }
  }
}

extension Option<Int?> {
  public init(_ name: String, in range: ClosedRange<Int>, _ summary: String) {
    (self.name, fallback, form) = (name, nil, .integer(range))
    reading = { fields throws(SettingsError) in try fields.integer(name, in: range, summary) }
    json = { $0.map(JSON.integer) }
  }
}

extension Option<[Int]?> {
  public init(_ name: String, in range: ClosedRange<Int>, _ summary: String) {
    (self.name, fallback, form) = (name, nil, .integers(range))
    reading = { fields throws(SettingsError) in try fields.integers(name, in: range, summary) }
    json = { $0.map { .array($0.map(JSON.integer)) } }
  }
}

extension Option<Bool> {
  public init(
    _ name: String, _ fallback: Bool, _ summary: String, recorded: Recording = .unlessDefault
  ) {
    (self.name, self.fallback, form) = (name, fallback, .flag)
    reading = { fields throws(SettingsError) in
      try fields.bool(name, default: fallback, summary, recorded: recorded)
    }
    json = { .bool($0) }
  }
}

extension Option
where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
  public init(
    _ name: String, _ fallback: Value, _ summary: String, recorded: Recording = .unlessDefault
  ) {
    (self.name, self.fallback) = (name, fallback)
    form = .choice(Value.allCases.map(\.rawValue))
    reading = { fields throws(SettingsError) in
      try fields.choice(name, default: fallback, summary, recorded: recorded)
    }
    json = { .string($0.rawValue) }
  }
}

// MARK: Values

/// What is said of some options; of the others each has its default.
public struct OptionValues: Sendable {
  private var values: [String: any Sendable] = [:]
  /// The values as JSON, by the options' names.
  public private(set) var said: [String: JSON] = [:]

  public init() {}

  public subscript<Value>(option: Option<Value>) -> Value {
    get {
      guard let value = values[option.name] else { return option.fallback }
      guard let value = value as? Value else {
        preconditionFailure("two options are called \(option.name)")
      }
      return value
    }
    set {
      said[option.name] = option.said(newValue)
      values[option.name] = said[option.name] == nil ? nil : newValue
    }
  }
}

extension AnyOption {
  /// The rule that a value breaks; nil for what a file may hold, and for what is no whole number.
  public func ruleBroken(by value: JSON) -> String? {
    guard case .integer(let range) = form, let integer = value.integerValue,
      !range.contains(integer)
    else { return nil }
    return range.rule
  }
}
