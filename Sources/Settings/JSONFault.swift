// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a text stops being JSON5, and what should stand there, or where a field stands twice;
/// Foundation's decoder says neither.
struct JSONFault: Error {
  let line: Int
  let column: Int
  let kind: Kind

  enum Kind: Equatable {
    /// What should stand there.
    case expected(String)
    /// A field's name, by its dotted path, for the second time in one object.
    case repeatedField(String)
  }

  /// The first fault of a text, or nil where this walk finds none.
  static func first(in text: String) -> JSONFault? {
    var walk = Walk(text)
    do {
      try walk.value()
      try walk.end()
      return nil
    } catch {
      return error
    }
  }

  /// One pass over the text that keeps nothing but its place.
  private struct Walk {
    private let characters: [Character]
    private var place = 0
    private var depth = 0
    /// The names of the fields around the place.
    private var path: [String] = []
    /// As deep as Foundation's decoder goes.
    private static let greatestDepth = 512

    init(_ text: String) {
      characters = Array(text)
    }

    private var next: Character? { place < characters.count ? characters[place] : nil }

    private func fault(_ expected: String) -> JSONFault { fault(.expected(expected), at: place) }

    private func fault(_ kind: Kind, at place: Int) -> JSONFault {
      let before = characters[..<min(place, characters.count)]
      let line = before.count { $0.isNewline } + 1
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      return JSONFault(line: line, column: column, kind: kind)
    }

    /// White space and comments.
    private mutating func skip() throws(JSONFault) {
      while let character = next {
        if character.isWhitespace {
          place += 1
        } else if starts("//") {
          while let inside = next, !inside.isNewline { place += 1 }
        } else if starts("/*") {
          let start = place
          while next != nil, !starts("*/") { place += 1 }
          guard next != nil else {
            place = start
            throw fault("the end */ of the comment that begins here")
          }
          place += 2
        } else {
          return
        }
      }
    }

    private func starts(_ text: String) -> Bool { characters[place...].starts(with: text) }

    mutating func value() throws(JSONFault) {
      try skip()
      switch next {
      case "{": try object()
      case "[": try list("]", "a value or ]") { walk throws(JSONFault) in try walk.value() }
      case "\"", "'": try string()
      default: try word("a value")
      }
    }

    /// Items with commas between them; one may stand after the last.
    private mutating func list(
      _ close: Character, _ expected: String,
      item: (inout Walk) throws(JSONFault) -> Void
    ) throws(JSONFault) {
      guard depth < Self.greatestDepth else { throw fault("less nesting") }
      depth += 1
      defer { depth -= 1 }
      place += 1
      while true {
        try skip()
        if next == close { break }
        guard next != nil else { throw fault(expected) }
        try item(&self)
        try skip()
        if next == close { break }
        guard next == "," else { throw fault("a comma or \(close)") }
        place += 1
      }
      place += 1
    }

    private mutating func object() throws(JSONFault) {
      var known: Set<String> = []
      try list("}", "a field name or }") { walk throws(JSONFault) in try walk.field(&known) }
    }

    private mutating func field(_ known: inout Set<String>) throws(JSONFault) {
      let start = place
      if next == "\"" || next == "'" { try string() } else { try word("a field name") }
      let name = Self.name(String(characters[start..<place]))
      path.append(name)
      guard known.insert(name).inserted else {
        throw fault(.repeatedField(path.joined(separator: ".")), at: start)
      }
      try skip()
      guard next == ":" else { throw fault("a colon") }
      place += 1
      try value()
      path.removeLast()
    }

    /// A field's name without its quotes and escapes.
    private static func name(_ text: String) -> String {
      guard text.hasPrefix("\"") || text.hasPrefix("'") else { return text }
      guard text.contains("\\") else { return String(text.dropFirst().dropLast()) }
      let decoder = JSONDecoder()
      decoder.allowsJSON5 = true
      return (try? decoder.decode(String.self, from: Data(text.utf8))) ?? text
    }

    private mutating func string() throws(JSONFault) {
      let start = place
      let quote = next
      place += 1
      while let character = next, character != quote {
        place += character == "\\" ? 2 : 1
      }
      guard next != nil else {
        place = start
        throw fault("the end of the text that begins here")
      }
      place += 1
    }

    /// A number, a constant or a name without quotes.
    private mutating func word(_ expected: String) throws(JSONFault) {
      let start = place
      while let character = next,
        character.isLetter || character.isNumber || "+-._$".contains(character)
      {
        place += 1
      }
      guard place > start else { throw fault(expected) }
    }

    mutating func end() throws(JSONFault) {
      try skip()
      guard next == nil else { throw fault("the end of the file") }
    }
  }
}
