// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Settings

/// An experiment file: one run's settings, and what varies.
///
/// ```json
/// {"question": "…", "data": {…}, "network": {…}, "training": {…}, "seeds": [0, 1],
///  "transfer": {"weights": "xception.h5", "freeze": "base"},
///  "vary": {"network.block": [{…}, {…}], "data.lambda": [0, 1]},
///  "budget": {"quantity": "parameters", "target": 2500, "hold": "segments"}}
/// ```
/// `vary` names fields by their dotted path and gives each a list of values; the points are all
/// combinations, but for those that `exclude` names (`Exclusion`); the runs are the points times the
/// seeds. Several fields may change at once, in arms (`ExperimentPoint`).
public struct Experiment: Sendable {
  /// The name that results go by: the file's, or its folder's where the file is `experiment.json`.
  public let name: String
  public let question: String
  /// The file, for errors.
  public let source: String
  /// All that was said, overrides applied.
  let json: JSON
  /// `data`, `network`, `training` and `budget` before anything varies.
  let base: JSON
  /// What varies, before anything is excluded.
  let points: [ExperimentPoint]
  let exclusions: [Exclusion]
  /// The fields that the command line replaced, with their values.
  let overridden: [ExperimentPoint.Field]
  let seeds: [Int]
  /// Of all points alike; nil where there is none, or it varies.
  let budget: Budget?
  let variesBudget: Bool
  /// The arm that the others are compared with, as `table --against` takes it; nil where none is.
  public let reference: String?
  /// Nil where every weight begins at random.
  public let transfer: Transfer?

  /// What the width of every run is solved for.
  struct Budget: Sendable {
    var quantity: BudgetMatching.Quantity
    var target: Target
    var hold: BudgetMatching.Hold
    /// The largest mismatch, as a fraction; nil takes the closest width as it is.
    var within: Double?

    enum Target: Sendable {
      case count(Int)
      /// As many as another network has, on the run's images.
      case network(NetworkDescription)
    }
  }

  /// - Parameters:
  ///   - path: an experiment file, its folder, a name under `Experiments/`, or the record of an
  ///     experiment in a results folder, which asks for the same again.
  ///   - overrides: `path=value` pairs, applied to the file before it is read.
  /// - Throws: the field, its value, the rule and the nearest right spelling.
  public init(path: String, overrides: [String] = []) throws(SettingsError) {
    let file = try Self.find(path)
    let json = try JSON(file: file)
    guard let (name, source, asked) = try Self.recorded(json, in: file) else {
      try self.init(json, name: Self.name(of: file), source: file, overrides: overrides)
      return
    }
    try self.init(asked, name: name, source: source, overrides: overrides)
  }

  /// - Parameters:
  ///   - json: what an experiment file would hold.
  ///   - name: what its results go by.
  ///   - source: the file or option that said it, for errors.
  ///   - log: where the fields beside `data`, `network` and `training` are declared.
  public init(
    _ json: JSON, name: String, source: String, overrides: [String] = [],
    log: DeclarationLog? = nil
  ) throws(SettingsError) {
    var json = json
    let overridden = try overrides.map(Self.field)
    for field in overridden { json = Self.applying(field, to: json) }
    var fields = try Fields(json, source: source, log: log)
    self.name = name
    self.source = source
    self.json = json
    self.overridden = overridden
    _ = try fields.string("$schema", "the JSON Schema of this file, for editors")
    question = try fields.string("question", default: "", "what is asked; the figure's title") ?? ""
    let version = fields.json("version", .integer(1...1), default: 1, "the form of the file")
    guard (version ?? 1).integerValue == 1 else { throw fields.error("version", "must be 1") }
    var base = try Self.base(&fields)
    if let budget = json["budget"], budget != .null { base = base.setting("budget", to: budget) }
    self.base = base
    seeds = try Self.seeds(&fields)
    let said = try fields.object("budget", "what every run is to cost: its width is solved for")
    let vary = fields.json("vary", .part("vary"), "what differs between the points")
    let points = try ExperimentPoint.points(of: vary, source: source)
    self.points = points
    variesBudget = points.contains { $0.sets("budget") }
    // What points vary may be left out here: it is read with each of them.
    budget =
      try variesBudget ? nil : said.map { said throws(SettingsError) in try Self.budget(said) }
    exclusions = try Exclusion.list(&fields)
    reference = try fields.string(
      "reference", "the arm that tables compare the others with: a name or key=value conditions")
    transfer = try fields.object("transfer", "weights to begin with").map {
      fields throws(SettingsError) in
      try Transfer(fields)
    }
    try fields.finish()
    try checkDecidedFields()
  }

  /// The sections that every experiment has.
  private static func base(_ fields: inout Fields) throws(SettingsError) -> JSON {
    var base: [String: JSON] = [:]
    for (part, summary) in [
      ("data", "the data set"), ("network", "the network: a name in the zoo, or an object"),
      ("training", "how it is trained"),
    ] {
      guard let value = fields.json(part, .part(part), summary) else {
        throw fields.error(part, "is missing; an experiment says what its \(part) is")
      }
      base[part] = value
    }
    return .object(base)
  }

  private static func seeds(_ fields: inout Fields) throws(SettingsError) -> [Int] {
    let range = 0...Int(Int32.max)
    let summary = "how many seeds, from 0, or which ones"
    let form = Declaration.Form.either([.integer(1...1000), .distinctIntegers(range)])
    guard case .array = fields.json("seeds", form, default: 1, summary) ?? .null else {
      let count = try fields.integer("seeds", default: 1, in: 1...1000, summary)
      _ = fields.json("seeds", form, default: 1, summary)
      return Array(0..<count)
    }
    let seeds = try fields.integers("seeds", in: range, summary) ?? []
    guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
      throw fields.error("seeds", "must be a number of seeds or a list of different ones")
    }
    return seeds
  }

  /// What a point is to cost.
  ///
  /// - Parameter said: the point's settings, its budget among them.
  func budget(of said: JSON) throws(SettingsError) -> Budget? {
    guard let own = said["budget"], own != .null else { return nil }
    return try Self.budget(try Fields(own, source: source, path: "budget"))
  }

  private static func budget(_ fields: Fields) throws(SettingsError) -> Budget {
    var fields = fields
    try MeasuredMatching.refuseBudget(fields)
    let quantity: BudgetMatching.Quantity = try fields.choice(
      "quantity", default: .parameters, "what is to be equal")
    let hold: BudgetMatching.Hold = try fields.choice(
      "hold", default: .segments, "what stays while the width changes")
    let within = try fields.number(
      "within", in: 0.0001...1,
      "the largest mismatch, as a fraction: where whole widths miss it, single stages get others, and "
        + "what misses it still is refused; without it, more than 0.25 is told")
    let target = try target(&fields)
    try fields.finish()
    return Budget(quantity: quantity, target: target, hold: hold, within: within)
  }

  private static func target(_ fields: inout Fields) throws(SettingsError) -> Budget.Target {
    let target = fields.json(
      "target", .either([.integer(1 ... .max), .part("network")]),
      "the count, or a network that has it")
    switch target {
    case nil:
      throw fields.error("target", "is missing; it must be a count or a network")
    case .object, .string:
      return .network(
        try NetworkDescription(
          target ?? .null, source: fields.source, path: fields.pathOf("target")))
    case let value?:
      guard let count = value.integerValue, count >= 1 else {
        throw fields.error("target", "must be a whole number of at least 1, or a network")
      }
      return .count(count)
    }
  }
}

// MARK: From process to process

extension Experiment {
  /// The whole experiment as one line of text, from which `init(line:)` makes the same one: a
  /// sweep's processes plan the same runs whatever becomes of the file.
  var line: String {
    JSON.object(["name": .string(name), "source": .string(source), "experiment": json])
      .canonicalText
  }

  /// - Throws: where the line is not one that `line` made.
  public init(line: String) throws(SettingsError) {
    let source = "the first line"
    let said = try JSON(text: line, source: source)
    guard case .object(let fields) = said, Set(fields.keys) == ["name", "source", "experiment"],
      case .string(let name)? = fields["name"], case .string(let file)? = fields["source"]
    else {
      throw SettingsError(source: source, field: "", value: "", rule: "must be an experiment")
    }
    try self.init(fields["experiment"] ?? .null, name: name, source: file)
  }
}
