// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A field as the one who reads it declares it: to ask `Fields` for a field takes its form, its
/// default and a sentence. From what was asked for come the JSON Schema, the reference of all keys
/// and the list of settings with their sources.
public struct Declaration: Hashable, Sendable {
  /// What a field may hold.
  public indirect enum Form: Hashable, Sendable {
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case flag
    case text
    case choice([String])
    case integers(ClosedRange<Int>)
    /// At least one, and all different.
    case distinctIntegers(ClosedRange<Int>)
    /// So many numbers.
    case numbers(count: Int, in: ClosedRange<Double>)
    /// Fields of its own, which are declared by themselves.
    case object
    case either([Form])
    /// A list of values of one form.
    case list(Form)
    /// What another part of the file holds: `network`, `at.network.block` or, under `vary`, anything.
    case part(String)
  }

  /// The dotted path inside the file.
  public var path: String
  public var form: Form
  /// Nil where the field may be absent without a value that stands for it, or must be there.
  public var fallback: JSON?
  /// What it is, in a sentence without its full stop.
  public var summary: String

  public init(path: String, form: Form, fallback: JSON?, summary: String) {
    (self.path, self.form, self.fallback, self.summary) = (path, form, fallback, summary)
  }

  /// The last part of the path.
  public var name: String { path.split(separator: ".").last.map(String.init) ?? path }
}

/// Writes down what is asked of `Fields`, nested objects included.
public final class DeclarationLog: Sendable {
  /// A declaration, and what the file says there.
  public struct Entry: Sendable {
    public var declaration: Declaration
    public var said: JSON?
  }

  private let written = Mutex<[Entry]>([])

  public init() {}

  /// In the order in which they were asked for; each path once, as it was declared last.
  public var entries: [Entry] { written.withLock { $0 } }

  func add(_ declaration: Declaration, said: JSON?) {
    let entry = Entry(declaration: declaration, said: said)
    written.withLock { entries in
      if let index = entries.firstIndex(where: { $0.declaration.path == declaration.path }) {
        entries[index] = entry
      } else {
        entries.append(entry)
      }
    }
  }

  func remove(_ path: String) {
    written.withLock { entries in
      entries.removeAll {
        $0.declaration.path == path || $0.declaration.path.hasPrefix("\(path).")
      }
    }
  }
}
