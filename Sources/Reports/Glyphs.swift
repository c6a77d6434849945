// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Which characters the fonts of this machine have: a picture that holds its text as drawings cannot
/// borrow the fonts of whoever looks at it.
enum Glyphs {
  /// What stands for a character that no font has.
  static let box: Unicode.Scalar = "\u{25A1}"
  /// By character; what is drawn without asking is not among them.
  private static let known = Mutex<[Unicode.Scalar: Bool]>([:])

  /// The text with a box for every character that no font here has.
  static func drawable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { isDrawn($0) ? $0 : box }
    return String(String.UnicodeScalarView(scalars))
  }

  /// The characters that were asked for and that no font has, for a message; nil where there are none.
  static var lacking: String? {
    let lacking = known.withLock { $0.filter { !$0.value }.keys.sorted() }
    guard !lacking.isEmpty else { return nil }
    let shown = lacking.prefix(8).map { "U+\(String($0.value, radix: 16, uppercase: true))" }
    return shown.joined(separator: ", ") + (lacking.count > 8 ? ", …" : "")
  }

  /// DejaVu Sans has Latin, Greek, Cyrillic, punctuation, arrows and mathematical signs; of all else
  /// fontconfig, which gnuplot's text needs anyway, says whether some font has it.
  private static func isDrawn(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x530, 0x2010..<0x2028, 0x2030..<0x205F, 0x2190..<0x2300, box.value: return true
    default: break
    }
    if let answer = known.withLock({ $0[scalar] }) { return answer }
    let answer = isInSomeFont(scalar)
    known.withLock { $0[scalar] = answer }
    return answer
  }

  /// Where fontconfig's program is missing, every character is taken for drawn.
  private static func isInSomeFont(_ scalar: Unicode.Scalar) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["fc-list", ":charset=\(String(scalar.value, radix: 16))", "file"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return true }
    let text = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    return process.terminationStatus != 0 || !text.isEmpty
  }
}
