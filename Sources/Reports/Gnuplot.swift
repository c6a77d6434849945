import Foundation

/// Draws a script with the gnuplot program, which must be on the PATH.
enum Gnuplot {
  /// Runs a script and puts its picture in place once it is whole.
  ///
  /// - Parameters:
  ///   - size: of the picture, in units that are about a pixel of an SVG.
  ///   - searchPath: where to look for gnuplot; the environment's PATH unless told.
  /// - Throws: where the ending of `path` is unknown, gnuplot is missing, or it reports an error.
  static func draw(
    _ script: String, width: Int, height: Int, to path: String,
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(ReportError) {
    let terminal = try terminal(for: path, width: width, height: height)
    let program = try program(searchPath ?? "")
    let directory = (path as NSString).deletingLastPathComponent
    guard access(directory.isEmpty ? "." : directory, W_OK) == 0 else {
      throw ReportError(
        "\(path): cannot be written into its directory: \(String(cString: strerror(errno)))")
    }
    let temporary = "\(path).\(getpid()).part"
    let whole = """
      set encoding utf8
      set terminal \(terminal)
      set output \(quoted(temporary))
      \(script)
      unset output

      """
    do throws(ReportError) {
      try run(program, whole)
      guard rename(temporary, path) == 0 else {
        throw ReportError("\(path): cannot be written: \(String(cString: strerror(errno)))")
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Text as gnuplot takes it literally: single quotes keep it from running backquoted commands.
  static func quoted(_ text: String) -> String {
    let line = text.map { $0.isNewline ? " " : $0 }
    return "'" + String(line).replacingOccurrences(of: "'", with: "''") + "'"
  }

  /// A number of a data block.
  static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "NaN"
  }

  private static func terminal(
    for path: String, width: Int, height: Int
  ) throws(ReportError) -> String {
    let fonts = "DejaVu Sans,Verdana,Helvetica,Arial,sans-serif"
    switch (path as NSString).pathExtension.lowercased() {
    case "svg":
      return "svg size \(width),\(height) noenhanced font '\(fonts),13' "
        + "background rgb 'white' name 'continuum'"
    case "png":
      return "pngcairo size \(3 * width / 2),\(3 * height / 2) noenhanced "
        + "font 'DejaVu Sans,10' fontscale 1.46 linewidth 1.5 pointscale 1.5 "
        + "background rgb 'white'"
    case "pdf":
      return "pdfcairo size \(Double(width) / 96)in,\(Double(height) / 96)in noenhanced "
        + "font 'DejaVu Sans,10' fontscale 0.975 linewidth 1"
    default: throw ReportError("\(path): a plot's name must end in .svg, .png or .pdf")
    }
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

  private static func run(_ program: String, _ script: String) throws(ReportError) {
    // A file without a name: whoever is killed here leaves nothing behind.
    guard let file = tmpfile() else {
      throw ReportError("gnuplot cannot be started: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    fputs(script, file)
    rewind(file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    // Without the user's start-up files, so that the same data give the same picture.
    process.arguments = ["-d", "-"]
    process.standardInput = FileHandle(fileDescriptor: fileno(file))
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw ReportError("gnuplot cannot be started: \(error.localizedDescription)")
    }
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      let said = lines.isEmpty ? "it said nothing" : lines.suffix(3).joined(separator: " ")
      let how = process.terminationReason == .uncaughtSignal ? "signal" : "status"
      throw ReportError(
        "\(program) failed with \(how) \(process.terminationStatus): \(said)")
    }
  }
}
