// SPDX-License-Identifier: Apache-2.0

import Settings

/// What an object in a file may hold, found by asking the one who reads it: once for every value of
/// every choice, so that fields which only one kind has are known as such.
public struct ObjectForm: Hashable, Sendable {
  /// A field, with its own fields where it is an object.
  public struct Field: Hashable, Sendable {
    public var declaration: Declaration
    public var object: ObjectForm?
    /// Whether nothing stands for it where it is absent.
    public var isRequired = false
  }

  /// A field whose value decides which others there are, or what they mean.
  public struct Choice: Hashable, Sendable {
    public var field: Field
    public var cases: [Case]
  }

  /// One value of a choice, and the fields that hang on it.
  public struct Case: Hashable, Sendable {
    public var value: String
    public var fields: [Field]
  }

  /// Fields that hang on no choice, the choices among them.
  public var fields: [Field]
  public var choices: [Choice]

  /// Reads an object and says what was wrong, if anything.
  typealias Reader = (JSON, DeclarationLog) -> SettingsError?

  /// - Parameters:
  ///   - path: where the object stands in what is read; empty for the whole.
  ///   - context: something that can be read, but for what has no default.
  init(at path: String = "", context: JSON, read: Reader) {
    let base = Self.fields(at: path, context: context, read: read)
    var all = base
    var owned: Set<String> = []
    var choices: [Choice] = []
    for field in base {
      guard case .choice(let values) = field.declaration.form else { continue }
      let cases = values.map { value in
        Case(
          value: value,
          fields: Self.fields(
            at: path, context: context.setting(field.declaration.path, to: .string(value)),
            read: read))
      }
      let fields = cases.flatMap(\.fields)
      let varying = fields.filter { one in !cases.allSatisfy { $0.fields.contains(one) } }
      let own = Set(varying.map(\.declaration.path))
      all += fields
      guard !own.isEmpty else { continue }
      owned.formUnion(own)
      choices.append(
        Choice(
          field: field,
          cases: cases.map { one in
            Case(
              value: one.value, fields: one.fields.filter { own.contains($0.declaration.path) })
          }))
    }
    var known = owned
    fields = all.filter { known.insert($0.declaration.path).inserted }
    self.choices = choices
  }

  private static func fields(at path: String, context: JSON, read: Reader) -> [Field] {
    let (context, log, needed) = completed(context, read: read)
    let prefix = path.isEmpty ? "" : "\(path)."
    let declared = log.entries.map(\.declaration).filter {
      $0.path.hasPrefix(prefix) && !$0.path.dropFirst(prefix.count).contains(".")
    }
    return declared.map { declaration in
      let nested =
        declaration.form == .object
        ? ObjectForm(at: declaration.path, context: context, read: read) : nil
      // Whoever cannot do without a field names it.
      let error = read(context.setting(declaration.path, to: .null), DeclarationLog())
      return Field(
        declaration: declaration, object: nested,
        isRequired: needed.contains(declaration.path) || error?.lacks(declaration.path) == true)
    }
  }

  /// The context with some value wherever one is needed, but for choices: what is asked for behind
  /// such a field is then declared too.
  private static func completed(
    _ context: JSON, read: Reader
  ) -> (context: JSON, log: DeclarationLog, needed: Set<String>) {
    var context = context
    var needed: Set<String> = []
    while true {
      let log = DeclarationLog()
      let error = read(context, log)
      guard
        let lacking = log.entries.map(\.declaration).first(where: { error?.lacks($0.path) == true }
        ),
        let sample = lacking.form.sample, needed.insert(lacking.path).inserted
      else { return (context, log, needed) }
      context = context.setting(lacking.path, to: sample)
    }
  }
}

extension SettingsError {
  /// Whether the error is that a field is absent.
  fileprivate func lacks(_ path: String) -> Bool {
    field == path && ["", "null"].contains(value)
  }
}

extension Declaration.Form {
  /// A value that the form allows; nil for what is chosen or has parts.
  fileprivate var sample: JSON? {
    switch self {
    case .integer(let range): .integer(range.lowerBound)
    case .number(let range): .number(range.upperBound)
    case .text: "sample"
    case .numbers(let count, let range):
      .array([JSON](repeating: .number(range.upperBound), count: count))
    default: nil
    }
  }
}
