// SPDX-License-Identifier: Apache-2.0

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
  private let declared: Set<String>

  /// - Throws: the first word that breaks a rule, with the nearest right spelling.
  init(_ words: [String], for command: any Command.Type) throws(CommandError) {
    try self.init(
      words, flags: GlobalFlags.all + command.flags, operands: command.operands,
      usage: command.usage)
  }

  init(
    _ words: [String], flags: [any AnyFlag], operands expected: Operands, usage: String
  ) throws(CommandError) {
    declared = Set(flags.map(\.name))
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
      let flag = try Self.flag(String(parts[0]), among: flags)
      let attached = parts.count == 2 ? String(parts[1]) : nil
      let value = try Self.value(of: flag, attached: attached, rest: &rest)
      if !flag.isRepeatable, values[flag.name] != nil, flag.placeholder != nil {
        throw .refused("--\(flag.name) stands twice; give it once")
      }
      values[flag.name, default: []].append(value)
    }
    self.operands = operands
    try Self.check(operands, expected, usage)
  }

  private static func flag(
    _ word: String, among flags: [any AnyFlag]
  ) throws(CommandError) -> any AnyFlag {
    if let flag = flags.first(where: { "--\($0.name)" == word }) { return flag }
    let hint = Spelling.nearest(to: word, among: flags.map { "--\($0.name)" })
      .map { " (did you mean \"\($0)\"?)" }
    let own = flags.map { "--\($0.name)" }.sorted().joined(separator: ", ")
    throw .refused("there is no option \(word)\(hint ?? ""); the options are: \(own)")
  }

  private static func value(
    of flag: any AnyFlag, attached: String?, rest: inout ArraySlice<String>
  ) throws(CommandError) -> String {
    guard let placeholder = flag.placeholder else {
      guard attached == nil else { throw .refused("--\(flag.name) takes no value") }
      return ""
    }
    if let attached, !attached.isEmpty { return attached }
    // What is empty is an unset variable of a shell, not a choice.
    guard attached == nil, let next = rest.first, !next.hasPrefix("--"), !next.isEmpty else {
      throw .refused("--\(flag.name) needs a value: --\(flag.name) \(placeholder)")
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

// MARK: Values

extension Arguments {
  /// Whether the command has a flag, for what several commands share.
  func take(_ flag: any AnyFlag) -> Bool { declared.contains(flag.name) }

  /// Every value of a flag, in order; an empty one for each time that a switch stands there.
  func values(of flag: any AnyFlag) -> [String] {
    precondition(declared.contains(flag.name), "--\(flag.name) is read and not among the flags")
    return values[flag.name] ?? []
  }

  /// Whether a flag stands there.
  func has(_ flag: any AnyFlag) -> Bool { !values(of: flag).isEmpty }

  /// A flag's value as it was written.
  func text(_ flag: any AnyFlag) -> String? { values(of: flag).last }

  /// The value of a flag that the command cannot do without.
  func required(_ flag: any AnyFlag, _ rule: String) throws(CommandError) -> String {
    guard let text = text(flag) else { throw .refused("--\(flag.name) is missing; it \(rule)") }
    return text
  }

  /// An error about a flag's value.
  func error(_ flag: any AnyFlag, _ rule: String, suggestion: String? = nil) -> SettingsError {
    SettingsError(
      source: "--\(flag.name)", field: "", value: "\"\(text(flag) ?? "")\"", rule: rule,
      suggestion: suggestion)
  }
}

// MARK: Values that several commands read

extension Arguments {
  /// The first operand, of a command that does several things: which of them.
  func action<Action: RawRepresentable<String> & CaseIterable>() throws(SettingsError) -> Action {
    let word = operands[0]
    guard let action = Action(rawValue: word) else {
      let names = Action.allCases.map(\.rawValue)
      throw SettingsError(
        source: "the action", field: "", value: "\"\(word)\"",
        rule: "must be one of: \(names.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: word, among: names))
    }
    return action
  }

  /// `--input HxWxC`, or the images that a network is published with.
  func inputShape(of network: NetworkDescription) throws(SettingsError) -> Shape {
    guard let text = text(CommonFlags.input) else { return network.usualInput }
    let sides = text.lowercased().split(omittingEmptySubsequences: false) { "x×".contains($0) }
      .compactMap { Int($0) }.filter { (1...16_384).contains($0) }
    let isShape = sides.count == 3 && text.count(where: { "xX×".contains($0) }) == 2
    guard isShape, sides.reduce(1, *) <= 1 << 28 else {
      throw error(
        CommonFlags.input, "must be HxWxC, each from 1 to 16384, 2^28 numbers at most, e.g. 32x32x3"
      )
    }
    return Shape(height: sides[0], width: sides[1], channels: sides[2])
  }

  /// Checks that a batch's images are no more numbers than an index holds.
  func checkBatch(
    _ batch: Int, _ batchFlag: any AnyFlag, of input: Shape
  ) throws(SettingsError) {
    guard batch <= (1 << 31) / input.count else {
      throw error(batchFlag, "must leave the batch of \(input) images with at most 2^31 numbers")
    }
  }

  /// Checks that a file to be written replaces nothing, or with `--overwrite` nothing that is read.
  func checkOutput(_ path: String, from inputs: [String]) throws(CommandError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard has(CommonFlags.overwrite) else {
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
    try self[CommonFlags.classes] ?? network.usualClasses
  }
}
