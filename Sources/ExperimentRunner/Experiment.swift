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
/// `vary` names fields by their dotted path and gives each a list of values; the runs are all
/// combinations, times the seeds.
public struct Experiment: Sendable {
  /// The folder's name, which results go by.
  public let name: String
  public let question: String
  /// The file, for errors.
  public let source: String
  /// All that was said, overrides applied.
  let json: JSON
  /// `data`, `network` and `training` before anything varies.
  let base: JSON
  /// Paths and their values, in the order of the paths.
  let variations: [(path: String, values: [JSON])]
  let seeds: [Int]
  let budget: Budget?
  /// Nil where every weight begins at random.
  public let transfer: Transfer?

  /// What the width of every run is solved for.
  struct Budget: Sendable {
    var quantity: BudgetMatching.Quantity
    var target: Target
    var hold: BudgetMatching.Hold

    enum Target: Sendable {
      case count(Int)
      /// As many as another network has, on the run's images.
      case network(NetworkDescription)
    }
  }

  /// - Parameters:
  ///   - path: an experiment file, its folder, or a name under `Experiments/`.
  ///   - overrides: `path=value` pairs, applied to the file before it is read.
  /// - Throws: the field, its value, the rule and the nearest right spelling.
  public init(path: String, overrides: [String] = []) throws(SettingsError) {
    let file = try Self.find(path)
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().lastPathComponent
    try self.init(JSON(file: file), name: folder, source: file, overrides: overrides)
  }

  /// - Parameters:
  ///   - json: what an experiment file would hold.
  ///   - name: what its results go by.
  ///   - source: the file or option that said it, for errors.
  public init(
    _ json: JSON, name: String, source: String, overrides: [String] = []
  ) throws(SettingsError) {
    var json = json
    for override in overrides { json = try Self.applying(override, to: json) }
    var fields = try Fields(json, source: source)
    self.name = name
    self.source = source
    self.json = json
    question = try fields.string("question") ?? ""
    let version = try fields.integer("version", default: 1)
    guard version == 1 else { throw fields.error("version", "must be 1") }
    var base: [String: JSON] = [:]
    for part in ["data", "network", "training"] {
      guard let value = fields.json(part) else {
        throw fields.error(part, "is missing; an experiment says what its \(part) is")
      }
      base[part] = value
    }
    self.base = .object(base)
    seeds = try Self.seeds(&fields)
    variations = try Self.variations(&fields)
    budget = try fields.object("budget").map { budget throws(SettingsError) in
      try Self.budget(budget)
    }
    transfer = try fields.object("transfer").map { fields throws(SettingsError) in
      try Transfer(fields)
    }
    try fields.finish()
    if budget != nil, variations.contains(where: { $0.path == "network.width" }) {
      throw SettingsError(
        source: source, field: "vary.network.width", value: "",
        rule: "must not stand beside a budget, which solves the width of every run")
    }
  }

  private static func seeds(_ fields: inout Fields) throws(SettingsError) -> [Int] {
    let range = 0...Int(Int32.max)
    guard case .array = fields.json("seeds") ?? .null else {
      let count = try fields.integer("seeds", default: 1, in: 1...1000)
      return Array(0..<count)
    }
    let seeds = try fields.integers("seeds", in: range) ?? []
    guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
      throw fields.error("seeds", "must be a number of seeds or a list of different ones")
    }
    return seeds
  }

  private static func variations(
    _ fields: inout Fields
  ) throws(SettingsError) -> [(path: String, values: [JSON])] {
    guard case .object(let varied)? = fields.json("vary") else {
      guard fields.contains("vary") else { return [] }
      throw fields.error("vary", "must be an object of paths and lists of values")
    }
    var variations: [(path: String, values: [JSON])] = []
    for (path, values) in varied.sorted(by: { $0.key < $1.key }) where values != .null {
      let parts = ["data", "network", "training"]
      let first = path.split(separator: ".").first.map(String.init) ?? ""
      guard parts.contains(first) else {
        throw SettingsError(
          source: fields.source, field: "vary.\(path)", value: "",
          rule: "must begin with data., network. or training.",
          suggestion: Spelling.nearest(to: first, among: parts))
      }
      guard case .array(let list) = values, !list.isEmpty else {
        throw SettingsError(
          source: fields.source, field: "vary.\(path)", value: values.canonicalText,
          rule: "must be a list of at least one value")
      }
      variations.append((path, list))
    }
    return variations
  }

  private static func budget(_ fields: Fields) throws(SettingsError) -> Budget {
    var fields = fields
    let quantity: BudgetMatching.Quantity = try fields.choice("quantity", default: .parameters)
    let hold: BudgetMatching.Hold = try fields.choice("hold", default: .segments)
    let target = try target(&fields)
    try fields.finish()
    return Budget(quantity: quantity, target: target, hold: hold)
  }

  private static func target(_ fields: inout Fields) throws(SettingsError) -> Budget.Target {
    switch fields.json("target") {
    case nil:
      throw fields.error("target", "is missing; it must be a count or a network")
    case .object, .string:
      return .network(
        try NetworkDescription(
          fields.json("target") ?? .null, source: fields.source, path: fields.pathOf("target")))
    case let value?:
      guard let count = value.integerValue, count >= 1 else {
        throw fields.error("target", "must be a whole number of at least 1, or a network")
      }
      return .count(count)
    }
  }
}

// MARK: Finding and overriding

extension Experiment {
  private static func find(_ path: String) throws(SettingsError) -> String {
    let candidates = [
      path, "\(path)/experiment.json", "Experiments/\(path)/experiment.json",
    ]
    for candidate in candidates {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
    }
    let known = (try? FileManager.default.contentsOfDirectory(atPath: "Experiments")) ?? []
    throw SettingsError(
      source: path, field: "", value: "",
      rule: "is no experiment file, no folder with an experiment.json, and no name in Experiments/",
      suggestion: Spelling.nearest(to: path, among: known.sorted()))
  }

  /// `training.epochs=2`; the value is JSON, or else a text. Under `vary` the rest of the path is
  /// one name: `vary.data.lambda=[0]` replaces the values of `data.lambda`, and null takes them
  /// away.
  private static func applying(_ override: String, to json: JSON) throws(SettingsError) -> JSON {
    guard let equals = override.firstIndex(of: "="), equals != override.startIndex else {
      throw SettingsError(
        source: "--set", field: "", value: override,
        rule: "must have the form path=value, as in training.epochs=2")
    }
    let path = String(override[..<equals])
    let text = String(override[override.index(after: equals)...])
    let value = (try? JSON(text: text, source: "--set")) ?? .string(text)
    guard path.hasPrefix("vary."), case .object(let fields) = json else {
      return json.setting(path, to: value)
    }
    var varied: [String: JSON] = if case .object(let own)? = fields["vary"] { own } else { [:] }
    varied[String(path.dropFirst("vary.".count))] = value
    return json.setting("vary", to: .object(varied))
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
    var fields = try Fields(JSON(text: line, source: "the first line"), source: "the first line")
    let name = try fields.string("name") ?? ""
    let source = try fields.string("source") ?? ""
    let json = fields.json("experiment") ?? .null
    try fields.finish()
    try self.init(json, name: name, source: source)
  }
}
