// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Standard output: results, and nothing else.
enum Output {
  /// - Throws: where the output cannot be written (a full disk); a reader that has gone away is no
  ///   error, for it has read what it wanted.
  static func write(_ text: String) throws(CommandError) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      let reason = SystemReason.text(of: error)
      if reason == SystemReason.text(of: EPIPE) { return }
      throw .failed("standard output cannot be written: \(reason)")
    }
  }

  /// The columns of the terminal that shows stdout; nil where that is a file or a pipe, whose lines
  /// may be of any length.
  static var terminalWidth: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    let told = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
    return told.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// Replaces a file whole, once the disk has it: another program never meets half of it.
  ///
  /// - Throws: where the file cannot be written.
  static func write(_ text: String, toFile path: String) throws(CommandError) {
    StaleFiles.remove(besides: path)
    do {
      try AtomicFile.write(Data(text.utf8), to: path)
    } catch {
      throw .failed("\(error)")
    }
  }
}
