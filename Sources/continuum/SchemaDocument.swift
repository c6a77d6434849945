// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings

/// The JSON Schema (draft 2020-12) of experiment files, from the declarations of their fields.
///
/// What only one kind has stands in an `if`/`then` for it, and is refused for the other kinds; a
/// null counts as absent everywhere, as it does to the tool. Rules between fields (a batch of at
/// most the training images, segments that divide the filters) are the tool's alone.
struct SchemaDocument {
  private let form: ExperimentForm
  private let paths: FieldPaths

  init(_ form: ExperimentForm) {
    self.form = form
    paths = FieldPaths(form)
  }

  var json: JSONDocument {
    let (properties, rest) = Self.parts(of: form.file, requires: true)
    let sections = form.sections.map { section in
      let object = Self.object(section.form, requires: false)
      guard section.name == "network" else { return (section.name, object) }
      return (section.name, Self.any([Self.names(of: section.form), object]))
    }
    return .object(
      [
        ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
        ("title", .text("Experiment of Continuum")),
        ("type", .text("object")), ("properties", properties),
      ] + rest + [
        ("if", .object([("not", .object([("required", .texts(["vary"]))]))])),
        ("then", .object([("properties", requirements)])),
        ("$defs", .object(sections + varying + paths.definitions)),
      ])
  }

  // MARK: What varies

  private var varying: [(String, JSONDocument)] {
    let name = JSONDocument.object([
      ("type", .texts(["string", "null"])), ("minLength", .integer(1)),
      ("description", .text("a label of the point's own")),
    ])
    let arms = Self.reference("arms")
    let factors = paths.all.map { path in
      (
        path,
        JSONDocument.object([
          ("type", .texts(["array", "null"])), ("minItems", .integer(1)),
          ("items", Self.reference(FieldPaths.key(path))),
        ])
      )
    }
    let fields = paths.all.map { ($0, Self.reference(FieldPaths.key($0))) }
    return [
      (
        "vary",
        Self.any([
          arms, Self.closed([("arms", arms)] + factors), .object([("type", .text("null"))]),
        ])
      ),
      (
        "arms",
        Self.list(of: Self.closed([("name", name), ("vary", Self.reference("vary"))] + fields))
      ),
      (
        "exclude",
        .object([
          ("type", .texts(["array", "null"])),
          (
            "items",
            Self.closed(
              [("name", name)] + paths.all.map { ($0, .value(true)) }, least: 1)
          ),
        ])
      ),
    ]
  }

  /// What must stand in the sections of a file that varies nothing.
  private var requirements: JSONDocument {
    let budget = form.file.fields.compactMap { field in
      field.declaration.name == "budget" ? field.object.map { (name: "budget", form: $0) } : nil
    }
    return .object(
      (form.sections + budget).compactMap { section in
        let required = Self.requirements(of: section.form)
        return required.isEmpty ? nil : (section.name, .object(required))
      })
  }

  private static func names(of network: ObjectForm) -> JSONDocument {
    .object([("enum", .texts(network.choices.first?.cases.map(\.value) ?? []))])
  }
}

// MARK: Objects

extension SchemaDocument {
  /// An object with these fields.
  static func object(_ form: ObjectForm, requires: Bool) -> JSONDocument {
    let (properties, rest) = parts(of: form, requires: requires)
    return .object(
      [("type", .texts(["object", "null"])), ("properties", properties)] + rest)
  }

  private static func parts(
    of form: ObjectForm, requires: Bool
  ) -> (properties: JSONDocument, rest: [(String, JSONDocument)]) {
    // What a budget lacks may vary.
    let common = form.fields.map { field in
      let name = field.declaration.name
      return (name, Self.field(field, requires: requires && name != "budget"))
    }
    var owned: [String] = []
    for name in form.choices.flatMap(\.cases).flatMap(\.fields).map(\.declaration.name)
    where !owned.contains(name) { owned.append(name) }
    let properties = common + owned.map { ($0, .value(true)) }
    var rest: [(String, JSONDocument)] = [("additionalProperties", .value(false))]
    let required = form.fields.filter(\.isRequired).map(\.declaration.name)
    if requires, !required.isEmpty { rest.append(("required", .texts(required))) }
    let branches = form.choices.flatMap { choice in
      let names = Set(choice.cases.flatMap(\.fields).map(\.declaration.name))
      return choice.cases.map { one -> JSONDocument in
        let own = one.fields.map { ($0.declaration.name, field($0, requires: requires)) }
        let foreign = names.subtracting(own.map(\.0)).sorted().map {
          ($0, JSONDocument.value(false))
        }
        return branch(
          choice, one.value, then: [("properties", .object(own + foreign))])
      }
    }
    if !branches.isEmpty { rest.append(("allOf", .list(branches))) }
    return (.object(properties), rest)
  }

  /// `if` the choice has a value (or is absent, where that is its default) `then` this holds.
  private static func branch(
    _ choice: ObjectForm.Choice, _ value: String, then: [(String, JSONDocument)]
  ) -> JSONDocument {
    let name = choice.field.declaration.name
    let isDefault = choice.field.declaration.fallback == .string(value)
    let test: JSONDocument =
      isDefault
      ? .object([("enum", .list([.text(value), .value(.null)]))])
      : .object([("const", .text(value))])
    var condition: [(String, JSONDocument)] = [("properties", .object([(name, test)]))]
    if !isDefault { condition.append(("required", .texts([name]))) }
    return .object([("if", .object(condition)), ("then", .object(then))])
  }

  /// What must stand in an object, whatever it may hold beside.
  static func requirements(of form: ObjectForm) -> [(String, JSONDocument)] {
    var parts: [(String, JSONDocument)] = requirements(of: form.fields)
    let branches = form.choices.flatMap { choice in
      choice.cases.compactMap { one -> JSONDocument? in
        let required = requirements(of: one.fields)
        return required.isEmpty ? nil : branch(choice, one.value, then: required)
      }
    }
    if !branches.isEmpty { parts.append(("allOf", .list(branches))) }
    return parts
  }

  private static func requirements(of fields: [ObjectForm.Field]) -> [(String, JSONDocument)] {
    var parts: [(String, JSONDocument)] = []
    let names = fields.filter(\.isRequired).map(\.declaration.name)
    if !names.isEmpty { parts.append(("required", .texts(names))) }
    let nested = fields.compactMap { field -> (String, JSONDocument)? in
      guard let object = field.object else { return nil }
      let required = requirements(of: object)
      return required.isEmpty ? nil : (field.declaration.name, .object(required))
    }
    if !nested.isEmpty { parts.append(("properties", .object(nested))) }
    return parts
  }
}

// MARK: Fields

extension SchemaDocument {
  static func field(_ field: ObjectForm.Field, requires: Bool) -> JSONDocument {
    var parts: [(String, JSONDocument)] = []
    switch field.object {
    case let form?:
      guard case .object(let own) = object(form, requires: requires) else { break }
      parts = own
    case nil:
      parts = values(field.declaration.form)
    }
    parts.append(("description", .text(field.declaration.summary)))
    if let fallback = field.declaration.fallback { parts.append(("default", .value(fallback))) }
    return .object(parts)
  }

  private static func values(_ form: Declaration.Form) -> [(String, JSONDocument)] {
    func type(_ name: String) -> (String, JSONDocument) { ("type", .texts([name, "null"])) }
    switch form {
    case .integer(let range):
      return [type("integer")] + bounds(range)
    case .number(let range):
      return [
        type("number"), ("minimum", .number(range.lowerBound)),
        ("maximum", .number(range.upperBound)),
      ]
    case .flag: return [type("boolean")]
    case .text: return [type("string")]
    case .choice(let names):
      return [("enum", .list(names.map(JSONDocument.text) + [.value(.null)]))]
    case .integers(let range):
      return [
        type("array"), ("items", .object([("type", .text("integer"))] + bounds(range))),
      ]
    case .distinctIntegers(let range):
      return values(.integers(range)) + [
        ("minItems", .integer(1)), ("uniqueItems", .value(.bool(true))),
      ]
    case .numbers(let count, let range):
      return [
        type("array"), ("minItems", .integer(count)), ("maxItems", .integer(count)),
        (
          "items",
          .object([
            ("type", .text("number")), ("minimum", .number(range.lowerBound)),
            ("maximum", .number(range.upperBound)),
          ])
        ),
      ]
    case .object: return [type("object")]
    case .either(let forms): return [("anyOf", .list(forms.map { .object(values($0)) }))]
    case .list(let form): return [type("array"), ("items", .object(values(form)))]
    case .part(let name): return [("$ref", .text("#/$defs/\(name)"))]
    }
  }

  private static func bounds(_ range: ClosedRange<Int>) -> [(String, JSONDocument)] {
    var bounds: [(String, JSONDocument)] = []
    if range.lowerBound != .min { bounds.append(("minimum", .integer(range.lowerBound))) }
    if range.upperBound != .max { bounds.append(("maximum", .integer(range.upperBound))) }
    return bounds
  }

  static func reference(_ name: String) -> JSONDocument {
    .object([("$ref", .text("#/$defs/\(name)"))])
  }

  static func any(_ schemas: [JSONDocument]) -> JSONDocument {
    schemas.count == 1 ? schemas[0] : .object([("anyOf", .list(schemas))])
  }

  private static func list(of item: JSONDocument) -> JSONDocument {
    .object([("type", .text("array")), ("minItems", .integer(1)), ("items", item)])
  }

  private static func closed(
    _ properties: [(String, JSONDocument)], least: Int = 0
  ) -> JSONDocument {
    .object([
      ("type", .text("object")), ("properties", .object(properties)),
      ("additionalProperties", .value(false)), ("minProperties", .integer(least)),
    ])
  }
}
