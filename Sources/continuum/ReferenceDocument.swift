// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings
import Tables

/// Every key of an experiment file in one Markdown document, from the declarations of its fields.
struct ReferenceDocument {
  private let form: ExperimentForm

  init(_ form: ExperimentForm) {
    self.form = form
  }

  var text: String {
    var parts = [Self.introduction, Self.table(form.file.fields)]
    for field in form.file.fields {
      guard let object = field.object else { continue }
      parts += Self.chapter("## `\(field.declaration.name)`", object)
    }
    parts.append(Self.variation)
    for section in form.sections {
      parts += Self.chapter("## `\(section.name)`", section.form, in: section.name)
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static let introduction = """
    # Experiment files: every key

    Made by `continuum schema --format markdown` from the declarations in the code; do not edit. \
    `continuum schema` prints the same as a JSON Schema, from which editors complete: write it to a \
    file and name it under `"$schema"`. Comments, trailing commas and keys without quotes are \
    allowed; null counts as absent; an unknown key is an error. A key without a default may be \
    absent unless it is marked as needed.

    ## The file
    """

  private static let variation = """
    ## `vary`

    An object of factors, each a dotted path into `data`, `network`, `training` or `budget` with a list \
    of values: the points are all combinations, times the seeds.

    ```json
    "vary": {"data.lambda": [0, 1], "network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]}
    ```

    A list of arms instead, each of which sets several fields at once. An arm may have a `name`, the \
    label of its points, and a `vary` of its own, for example a grid of learning rates:

    ```json
    "vary": [
      {"name": "plain", "network.block": {"kind": "regular-conv"}, "training.optimizer.learningRate": 0.03},
      {"network.block": {"kind": "separable-conv"}, "vary": {"training.optimizer.learningRate": [0.01, 0.03]}}
    ]
    ```

    Both: arms under the key `arms`, crossed with the factors beside them.

    ```json
    "vary": {"arms": [{"network.width": 16}, {"network.width": 32}], "data.lambda": [0, 1]}
    ```

    Points that come out the same count once; where budgets vary, they stand under each of them, and \
    their runs are made once. Of a grid with `network.block.between` the points whose \
    block has a single operation, with nothing for an activation to stand between, are left out and \
    counted; that with `none` stays. `--set 'vary.data.lambda=[0.5]'` replaces the values of \
    a factor, adds one, or with null takes it away; to `--set` a field that `vary` decides, or \
    `network.width` beside a budget, is an error. `run --dry-run --resolved` says of each setting of a \
    point whether it is from `vary`, or from what `--set` put there (`--set vary`).

    ## `exclude`

    A list of partial points: a point is left out where all fields of one of them agree, defaults \
    included. `name` is a point's label. What matches no point is an error.

    ```json
    "exclude": [{"network.block.kind": "regular-conv", "network.block.between": "relu"}]
    ```
    """

  // MARK: Chapters

  /// An object's keys, then those of the objects in it.
  ///
  /// - Parameter section: what the paths of its declarations are relative to.
  private static func chapter(
    _ title: String, _ form: ObjectForm, in section: String = ""
  ) -> [String] {
    var parts = [title, table(form.fields)]
    var nested = form.fields
    for choice in form.choices {
      for (values, fields) in merged(choice.cases) where !fields.isEmpty {
        let names = values.map { "`\($0)`" }.joined(separator: ", ")
        parts += ["With `\(choice.field.declaration.name)` \(names):", table(fields)]
        nested += fields
      }
    }
    var known: [ObjectForm] = []
    for field in nested {
      guard let object = field.object, !known.contains(object) else { continue }
      known.append(object)
      let prefix = section.isEmpty ? "" : "\(section)."
      let title = "### `\(prefix)\(field.declaration.path)`\(owners(of: field, in: form))"
      parts += chapter(title, object, in: section)
    }
    return parts
  }

  /// Of several kinds whose objects differ, which one is meant.
  private static func owners(of field: ObjectForm.Field, in form: ObjectForm) -> String {
    let path = field.declaration.path
    let cases = form.choices.flatMap(\.cases)
    let forms = Set(cases.flatMap(\.fields).filter { $0.declaration.path == path }.map(\.object))
    guard forms.count > 1 else { return "" }
    let own = cases.filter { one in
      one.fields.contains { $0.declaration.path == path && $0.object == field.object }
    }
    return " of " + own.map { "`\($0.value)`" }.joined(separator: ", ")
  }

  /// Values whose fields are the same stand together.
  private static func merged(
    _ cases: [ObjectForm.Case]
  ) -> [(values: [String], fields: [ObjectForm.Field])] {
    var merged: [(values: [String], fields: [ObjectForm.Field])] = []
    for one in cases {
      if let index = merged.firstIndex(where: { $0.fields == one.fields }) {
        merged[index].values.append(one.value)
      } else {
        merged.append(([one.value], one.fields))
      }
    }
    return merged
  }

  // MARK: Rows

  private static func table(_ fields: [ObjectForm.Field]) -> String {
    let rows = fields.map { field in
      let own = field.declaration
      let standard = own.fallback.map(text) ?? (field.isRequired ? "needed" : "")
      return "| `\(own.name)` | \(values(own.form)) | \(standard) | \(own.summary) |"
    }
    return (["| key | values | default | what |", "|---|---|---|---|"] + rows)
      .joined(separator: "\n")
  }

  private static func text(_ fallback: JSON) -> String {
    ["\"\"", "{}"].contains(fallback.canonicalText) ? "" : "`\(fallback.canonicalText)`"
  }

  private static func values(_ form: Declaration.Form) -> String {
    switch form {
    case .integer(let range): "whole number\(bounds(range))"
    case .number(let range): "\(bound(range.lowerBound)) to \(bound(range.upperBound))"
    case .flag: "true, false"
    case .text: "text"
    case .choice(let names): names.map { "`\($0)`" }.joined(separator: ", ")
    case .integers(let range): "list of whole numbers\(bounds(range))"
    case .distinctIntegers(let range): "list of different whole numbers\(bounds(range))"
    case .numbers(let count, let range):
      "\(count) numbers, each \(bound(range.lowerBound)) to \(bound(range.upperBound))"
    case .object: "object"
    case .either(let forms): forms.map(values).joined(separator: "; or ")
    case .list(let form): "list, each \(values(form))"
    case .part(let name): "[see below](#\(anchor(name)))"
    }
  }

  /// What Markdown makes of a chapter's heading.
  private static func anchor(_ part: String) -> String {
    (part.hasPrefix("at.") ? part.dropFirst(3) : part[...]).filter { $0 != "." }
  }

  private static func bounds(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): ""
    case (let low, .max): ", at least \(NumberText.grouped(low))"
    case (.min, let high): ", at most \(NumberText.grouped(high))"
    case (let low, let high): ", \(NumberText.grouped(low)) to \(NumberText.grouped(high))"
    }
  }

  private static func bound(_ value: Double) -> String { JSON.number(value).canonicalText }
}
