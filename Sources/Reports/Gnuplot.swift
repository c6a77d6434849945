// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Draws a script with the gnuplot program, which must be on the PATH.
enum Gnuplot {
  /// Draws a picture and puts it in place once it is whole and on the disk.
  ///
  /// - Parameter searchPath: where to look for gnuplot; the environment's PATH unless told.
  /// - Throws: where gnuplot is missing, it reports an error, or its picture is not whole; what was
  ///   at the path stays there.
  static func draw(
    _ picture: PlotPicture, to path: String,
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(ReportError) {
    let program = try program(searchPath ?? "")
    let (width, height) = (picture.page.width, picture.page.height)
    let drawn = try run(
      program,
      """
      set encoding utf8
      set terminal \(picture.format.terminal(width: width, height: height))
      \(picture.script)
      unset output

      """)
    let corrected = picture.format.corrected(drawn)
    guard picture.format.isWhole(corrected) else {
      throw ReportError(
        "\(path): gnuplot wrote only a part of the picture (\(drawn.count) bytes) and did not say "
          + "why; what was there before is unchanged")
    }
    do {
      try AtomicFile.write(corrected, to: path)
    } catch {
      throw ReportError("\(error)")
    }
  }

  /// Text as gnuplot takes it literally. In single quotes it would not take an apostrophe at the
  /// start, and in double quotes it would run what stands in backquotes; as octal numbers all is
  /// text.
  static func quoted(_ text: String) -> String {
    let plain = text.utf8.map { byte -> String in
      let isPlain = (0x20..<0x7F).contains(byte) && !"\\\"'`$@{}!".utf8.contains(byte)
      if isPlain { return String(UnicodeScalar(byte)) }
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
    return "\"" + plain.joined() + "\""
  }

  /// A number of a data block.
  static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "NaN"
  }

  /// A place or a size, with no more digits than a picture shows.
  static func short(_ value: Double) -> String {
    let text = "\((value * 1e5).rounded() / 1e5)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func program(_ searchPath: String) throws(ReportError) -> String {
    let candidates = searchPath.split(separator: ":").map { "\($0)/gnuplot" }
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else {
      throw ReportError(
        "plots need the program gnuplot, which is not on the PATH; "
          + "on Debian: apt-get install gnuplot-nox")
    }
    return found
  }

  /// - Returns: the picture, which gnuplot writes to its standard output.
  private static func run(_ program: String, _ script: String) throws(ReportError) -> Data {
    // Files without a name: whoever is killed here leaves nothing behind.
    guard let input = tmpfile() else { throw notStarted(errno) }
    defer { fclose(input) }
    guard fputs(script, input) >= 0, fflush(input) == 0 else { throw notStarted(errno) }
    rewind(input)
    guard let errors = tmpfile() else { throw notStarted(errno) }
    defer { fclose(errors) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    // Without the user's start-up files, so that the same data give the same picture.
    process.arguments = ["-d", "-"]
    process.standardInput = FileHandle(fileDescriptor: fileno(input))
    process.standardError = FileHandle(fileDescriptor: fileno(errors))
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw ReportError("gnuplot cannot be started: \(SystemReason.text(of: error))")
    }
    let drawn = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      rewind(errors)
      let text = (try? FileHandle(fileDescriptor: fileno(errors)).readToEnd()) ?? Data()
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      let said = lines.isEmpty ? "it said nothing" : lines.suffix(3).joined(separator: " ")
      let how = process.terminationReason == .uncaughtSignal ? "signal" : "status"
      throw ReportError(
        "\(program) failed with \(how) \(process.terminationStatus): \(said)")
    }
    return drawn
  }

  private static func notStarted(_ reason: Int32) -> ReportError {
    ReportError("gnuplot cannot be started: \(String(cString: strerror(reason)))")
  }
}
