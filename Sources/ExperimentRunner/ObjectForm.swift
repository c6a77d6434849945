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
    var common = base
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
      let all = cases.flatMap(\.fields)
      let constant = all.filter { other in
        cases.allSatisfy { $0.fields.contains(other) }
      }
      let owned = Set(all).subtracting(constant).map(\.declaration.path)
      common.removeAll { owned.contains($0.declaration.path) }
      for other in constant where !common.contains(where: { $0.has(other.declaration.path) }) {
        common.append(other)
      }
      guard !owned.isEmpty else { continue }
      let own = cases.map { one in
        Case(value: one.value, fields: one.fields.filter { owned.contains($0.declaration.path) })
      }
      choices.append(Choice(field: field, cases: own))
    }
    fields = common
    self.choices = choices
  }

  private static func fields(at path: String, context: JSON, read: Reader) -> [Field] {
    let log = DeclarationLog()
    _ = read(context, log)
    let declared = log.entries.map(\.declaration).filter { declaration in
      path.isEmpty
        ? !declaration.path.contains(".")
        : declaration.path.hasPrefix("\(path).")
          && !declaration.path.dropFirst(path.count + 1).contains(".")
    }
    return declared.map { declaration in
      let nested =
        declaration.form == .object
        ? ObjectForm(at: declaration.path, context: context, read: read) : nil
      // Whoever cannot do without a field names it.
      let error = read(context.setting(declaration.path, to: .null), DeclarationLog())
      return Field(
        declaration: declaration, object: nested,
        isRequired: error?.field == declaration.path && ["", "null"].contains(error?.value))
    }
  }
}

extension ObjectForm.Field {
  fileprivate func has(_ path: String) -> Bool { declaration.path == path }
}
