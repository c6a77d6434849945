// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner

/// What an experiment file may hold: for editors and programs as a JSON Schema, for readers as one
/// document.
enum Schema: Command {
  enum Format: String, CaseIterable { case json, markdown }

  static let name = "schema"
  static let summary = "every key of an experiment file, as a JSON Schema or as a document"
  static let operands = Operands.none
  enum Flags {
    static let format = CommonFlags.format(default: Format.json)
  }
  static let flags: [any AnyFlag] = [Flags.format]
  static let discussion = """
    The schema (draft 2020-12) is made from the declarations that the reading of files uses. Editors
    complete and check a file that names it: "$schema": "PATH/TO/schema.json". Rules between fields
    (segments that divide the filters, a batch of at most the training images) are checked by run
    alone; a file whose `vary` sets the kind of an optimizer, block or data set should name in the
    section itself a kind that its other fields belong to.
    """
  static let examples = [
    "continuum schema --format json",
    "continuum schema --format markdown",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let form = ExperimentForm()
    switch try arguments[Flags.format] {
    case .json: try Output.write(SchemaDocument(form).json.rendered)
    case .markdown: try Output.write(ReferenceDocument(form).text)
    }
  }
}
