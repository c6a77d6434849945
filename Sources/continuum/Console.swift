// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Tables

/// Standard error: notes and progress. A bar on a terminal, plain lines at long intervals in a log,
/// nothing when quiet. May be used from any thread.
final class Console: Sendable {
  private struct State {
    var started: SuspendingClock.Instant?
    var drawn: SuspendingClock.Instant?
    var barWidth = 0
    /// Lines on the screen above the bar.
    var lineCount = 0
    /// What was done when the clock started: a resumed job's earlier work took none of this time.
    var doneBefore = 0.0
    /// The last line of a log.
    var lastStatus = ""
  }

  private let isQuiet: Bool
  private let isTerminal: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool, isTerminal: Bool = isatty(STDERR_FILENO) == 1) {
    self.isQuiet = isQuiet
    self.isTerminal = isTerminal
  }

  /// One line, unless quiet. A bar on the screen gives way to it.
  func note(_ text: String) {
    guard !isQuiet else { return }
    state.withLock { state in
      Self.write(Self.erasing(&state) + Self.oneLine(text) + "\n")
      // The bar comes back at once; a log has its lines in their own time.
      if isTerminal { state.drawn = nil }
    }
  }

  /// One line, quiet or not: what is done is not quite what was asked for.
  func warn(_ text: String) {
    endProgress()
    Self.writeLine(text)
  }

  /// One line for a log; on a terminal, where lines in place show the same, nothing.
  func log(_ text: @autoclosure () -> String) {
    if !isTerminal { note(text()) }
  }

  /// How far a job has come: drawn at most ten times a second on a terminal and once a minute in a
  /// log, where it has come farther than in the line before. The clock of the time left starts with the first call after `endProgress`.
  ///
  /// - Parameters:
  ///   - fraction: 0…1 of the work.
  ///   - lines: stand above the bar on a terminal, each made for a width in columns.
  func progress(
    _ label: String, fraction: Double, lines: (_ columns: Int) -> [String] = { _ in [] }
  ) {
    guard !isQuiet else { return }
    state.withLock { state in
      let now = SuspendingClock.now
      let started = state.started ?? now
      // A job that is over within the first interval needs no line in a log.
      let last = state.drawn ?? (isTerminal ? nil : started)
      if state.started == nil { state.doneBefore = fraction }
      state.started = started
      if let last, now - last < (isTerminal ? .milliseconds(100) : .seconds(60)) { return }
      state.drawn = now
      let status = Self.status(
        label, fraction: fraction, doneBefore: state.doneBefore, elapsed: now - started)
      guard isTerminal else {
        guard status != state.lastStatus else { return }
        state.lastStatus = status
        return Self.write(status + "\n")
      }
      let columns = Self.columns
      let bar = Self.barLine(label, fraction, status, columns: columns)
      let lines = columns.map(lines) ?? []
      if let columns, !lines.isEmpty || state.lineCount > 0 {
        let shown = (lines.map(Self.oneLine) + [bar]).map { String($0.prefix(columns - 1)) }
        Self.write(Self.erasing(&state) + shown.joined(separator: "\n"))
        (state.lineCount, state.barWidth) = (lines.count, shown.last?.count ?? 0)
        return
      }
      let padding = String(repeating: " ", count: max(0, state.barWidth - bar.count))
      state.barWidth = bar.count
      Self.write("\r\(bar)\(padding)")
    }
  }

  /// Takes the bar off the screen and stops the clock.
  func endProgress() {
    state.withLock { state in
      let erasing = Self.erasing(&state)
      if !erasing.isEmpty { Self.write(erasing) }
      state = State()
    }
  }

  /// One line to stderr, whatever the settings: for the error that ends a command.
  ///
  /// - Parameter block: lines to stand under it.
  static func writeLine(_ text: String, block: String = "") {
    write(oneLine(text) + "\n" + (block.isEmpty ? "" : block + "\n"))
  }

  private static func erasing(_ state: inout State) -> String {
    guard state.barWidth > 0 else { return "" }
    defer { state.lineCount = 0 }
    guard state.lineCount == 0 else {
      state.barWidth = 0
      return "\r\u{1B}[\(state.lineCount)A\u{1B}[J"
    }
    let blank = String(repeating: " ", count: state.barWidth)
    state.barWidth = 0
    return "\r\(blank)\r"
  }

  /// Columns of the terminal on stderr; nil where it cannot move its cursor up, or does not tell.
  private static var columns: Int? {
    guard let kind = getenv("TERM"), String(cString: kind) != "dumb" else { return nil }
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
    return size.ws_col >= 20 ? Int(size.ws_col) : nil
  }

  private static func write(_ text: String) {
    // With stderr closed there is nobody left to tell.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Beyond so many characters a line loses its middle: it shows a value that nobody wants to read.
  private static let longestLine = 4000

  /// Names out of files may hold anything; a terminal obeys control characters, and marks that turn
  /// the direction of writing.
  static func oneLine(_ text: String) -> String {
    let half = longestLine / 2
    let isLong = text.dropFirst(longestLine).first != nil
    let text = isLong ? "\(text.prefix(half)) … \(text.suffix(half))" : text
    return PrintableText.oneLine(
      text.split(whereSeparator: \.isNewline).joined(separator: " "))
  }
}

// MARK: Words

extension Console {
  /// `label 42 % (1 min 05 s left)`.
  static func status(
    _ label: String, fraction: Double, doneBefore: Double = 0, elapsed: Duration
  ) -> String {
    let fraction = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let percent = Int((fraction * 100).rounded(.down))
    let seconds = elapsed / .seconds(1)
    let done = fraction - doneBefore
    guard done > 0.005, seconds > 0.5 else { return "\(label) \(percent) %" }
    let left = seconds * (1 - fraction) / done
    return "\(label) \(percent) % (\(time(left)) left)"
  }

  /// `8 s`, `1 min 05 s`, `2 h 07 min`.
  static func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole / 60 % 60)) min"
  }

  /// The bar with its status; in few columns without the bar, and in fewer without the time.
  private static func barLine(
    _ label: String, _ fraction: Double, _ status: String, columns: Int?
  ) -> String {
    let whole = bar(fraction, cells: 20) + " " + status
    guard let columns else { return whole }
    let short = Self.status(label, fraction: fraction, elapsed: .zero)
    return [whole, status].first { $0.count < columns } ?? short
  }

  private static func bar(_ fraction: Double, cells: Int) -> String {
    let fraction = fraction.isFinite ? min(max(fraction, 0), 1) : 0
    let full = Int(fraction * Double(cells))
    return "[" + String(repeating: "█", count: full)
      + String(repeating: "·", count: cells - full) + "]"
  }
}
