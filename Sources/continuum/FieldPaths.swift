// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings

/// Every path that `vary` may name, with what may stand there: of several kinds that share a path,
/// any.
struct FieldPaths {
  /// In the order of the sections.
  private(set) var all: [String] = []
  private var schemas: [String: [JSONDocument]] = [:]

  init(_ form: ExperimentForm) {
    for section in form.sections {
      add(section.name, SchemaDocument.reference(section.name))
      add(section.form, below: section.name)
    }
    for field in form.file.fields where field.declaration.name == "budget" {
      add(field.declaration.name, SchemaDocument.field(field, requires: false))
      if let object = field.object { add(object, below: field.declaration.name) }
    }
  }

  private mutating func add(_ form: ObjectForm, below path: String) {
    for field in form.fields + form.choices.flatMap(\.cases).flatMap(\.fields) {
      let own = "\(path).\(field.declaration.name)"
      add(own, SchemaDocument.field(field, requires: false))
      if let object = field.object { add(object, below: own) }
    }
  }

  private mutating func add(_ path: String, _ schema: JSONDocument) {
    if schemas[path] == nil { all.append(path) }
    let known = schemas[path, default: []]
    guard !known.contains(where: { $0.rendered == schema.rendered }) else { return }
    schemas[path] = known + [schema]
  }

  static func key(_ path: String) -> String { "at.\(path)" }

  /// A definition for every path.
  var definitions: [(String, JSONDocument)] {
    all.map { (Self.key($0), SchemaDocument.any(schemas[$0] ?? [])) }
  }
}
