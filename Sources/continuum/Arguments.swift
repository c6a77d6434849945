import Engine
import Foundation
import ModelZoo
import Settings

/// The arguments of one command, strictly read: every option is known, has a value where it needs
/// one and stands once unless it may be repeated, and the operands are as many as the command takes.
///
/// `--option value` and `--option=value` mean the same; `--` ends the options.
struct Arguments: Sendable {
  let operands: [String]
  private var values: [String: [String]] = [:]

  /// - Throws: the first word that breaks a rule, with the nearest right spelling.
  init(_ words: [String], for command: any Command.Type) throws(CommandError) {
    try self.init(
      words, options: Option.global + command.options, operands: command.operands,
      usage: command.usage)
  }

  init(
    _ words: [String], options: [Option], operands expected: Operands, usage: String
  ) throws(CommandError) {
    var operands: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      guard word.hasPrefix("-"), word.count > 1 else {
        operands.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let option = try Self.option(String(parts[0]), among: options)
      let attached = parts.count == 2 ? String(parts[1]) : nil
      let value = try Self.value(of: option, attached: attached, rest: &rest)
      if !option.isRepeatable, values[option.name] != nil, option.value != nil {
        throw .refused("--\(option.name) stands twice; give it once")
      }
      values[option.name, default: []].append(value)
    }
    self.operands = operands
    try Self.check(operands, expected, usage)
  }

  private static func option(_ word: String, among options: [Option]) throws(CommandError) -> Option
  {
    if let option = options.first(where: { "--\($0.name)" == word }) { return option }
    let hint = Spelling.nearest(to: word, among: options.map { "--\($0.name)" })
      .map { " (did you mean \"\($0)\"?)" }
    let own = options.map { "--\($0.name)" }.sorted().joined(separator: ", ")
    throw .refused("there is no option \(word)\(hint ?? ""); the options are: \(own)")
  }

  private static func value(
    of option: Option, attached: String?, rest: inout ArraySlice<String>
  ) throws(CommandError) -> String {
    guard let placeholder = option.value else {
      guard attached == nil else { throw .refused("--\(option.name) takes no value") }
      return ""
    }
    if let attached, !attached.isEmpty { return attached }
    // What is empty is an unset variable of a shell, not a choice.
    guard attached == nil, let next = rest.first, !next.hasPrefix("--"), !next.isEmpty else {
      throw .refused("--\(option.name) needs a value: --\(option.name) \(placeholder)")
    }
    return rest.removeFirst()
  }

  private static func check(
    _ operands: [String], _ expected: Operands, _ usage: String
  ) throws(CommandError) {
    if operands.count < expected.count.lowerBound {
      let missing = expected.usage.split(separator: " ").dropFirst(operands.count).first ?? ""
      throw .refused("\(missing) is missing; usage: \(usage)")
    }
    if operands.count > expected.count.upperBound {
      throw .refused(
        "\"\(operands[expected.count.upperBound])\" is one argument too many; usage: \(usage)")
    }
  }
}

// MARK: Typed values

extension Arguments {
  /// Whether a flag or option stands there.
  func has(_ name: String) -> Bool { values[name] != nil }

  func text(_ name: String) -> String? { values[name]?.last }

  /// Every value of a repeatable option, in order.
  func texts(_ name: String) -> [String] { values[name] ?? [] }

  /// A value that the command cannot do without.
  func required(_ name: String, _ rule: String) throws(CommandError) -> String {
    guard let text = text(name) else { throw .refused("--\(name) is missing; it \(rule)") }
    return text
  }

  /// A whole number in a range, or nil where the option is absent.
  func integer(_ name: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let value = Int(text) else { throw error(name, "must be a whole number") }
    guard range.contains(value) else {
      throw error(
        name,
        range.upperBound == .max
          ? "must be at least \(range.lowerBound)"
          : "must lie between \(range.lowerBound) and \(range.upperBound)")
    }
    return value
  }

  /// A number in a range, or nil where the option is absent.
  func number(_ name: String, in range: ClosedRange<Double>) throws(SettingsError) -> Double? {
    guard let text = text(name) else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw error(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of a type's cases, the first being the default.
  func choice<Choice>(_ name: String, default fallback: Choice) throws(SettingsError) -> Choice
  where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
    try word(name, among: Choice.allCases.map { $0.rawValue })
      .flatMap { Choice(rawValue: $0) } ?? fallback
  }

  /// One of some words, or nil where the option is absent.
  func word(_ name: String, among words: [String]) throws(SettingsError) -> String? {
    guard let text = text(name) else { return nil }
    guard words.contains(text) else {
      throw error(
        name, "must be one of: \(words.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: text, among: words))
    }
    return text
  }

  /// An error about an option's value.
  func error(_ name: String, _ rule: String, suggestion: String? = nil) -> SettingsError {
    SettingsError(
      source: "--\(name)", field: "", value: "\"\(text(name) ?? "")\"", rule: rule,
      suggestion: suggestion)
  }
}

// MARK: Values that several commands read

extension Arguments {
  /// `--input HxWxC`, or the images that a network is published with.
  func inputShape(of network: NetworkDescription) throws(SettingsError) -> Shape {
    guard let text = text("input") else { return network.usualInput }
    let sides = text.lowercased().split(omittingEmptySubsequences: false) { "x×".contains($0) }
      .compactMap { Int($0) }.filter { (1...16_384).contains($0) }
    let isShape = sides.count == 3 && text.count(where: { "xX×".contains($0) }) == 2
    guard isShape, sides.reduce(1, *) <= 1 << 28 else {
      throw error(
        "input", "must be HxWxC, each from 1 to 16384, 2^28 numbers at most, e.g. 32x32x3")
    }
    return Shape(height: sides[0], width: sides[1], channels: sides[2])
  }

  /// Checks that a batch's images are no more numbers than an index holds.
  func checkBatch(_ batch: Int, of input: Shape) throws(SettingsError) {
    guard batch <= (1 << 31) / input.count else {
      throw error("batch", "must leave the batch of \(input) images with at most 2^31 numbers")
    }
  }

  /// Checks that a file to be written replaces nothing, or with `--overwrite` nothing that is read.
  func checkOutput(_ path: String, from inputs: [String]) throws(CommandError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard has("overwrite") else {
      throw .refused("\(path) is there already; --overwrite replaces it")
    }
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    guard !inputs.map(place).contains(place(path)) else {
      throw .refused("\(path) is what the command reads; the output must be another file")
    }
  }

  /// `--classes N`, or the classes that a network is published with.
  func classCount(of network: NetworkDescription) throws(SettingsError) -> Int {
    try integer("classes", in: 1...1_000_000) ?? network.usualClasses
  }
}
