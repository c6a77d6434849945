import Foundation
import Records

/// Draws a script with the gnuplot program, which must be on the PATH.
enum Gnuplot {
  /// Draws a picture and puts it in place once it is whole and on the disk.
  ///
  /// - Parameter searchPath: where to look for gnuplot; the environment's PATH unless told.
  /// - Throws: where gnuplot is missing, it reports an error, or its file is not whole; what was
  ///   at the path stays there.
  static func draw(
    _ picture: PlotPicture, to path: String,
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(ReportError) {
    let program = try program(searchPath ?? "")
    guard access(PathName.folder(of: path), W_OK) == 0 else {
      throw ReportError(
        "\(path): cannot be written into its directory: \(String(cString: strerror(errno)))")
    }
    // gnuplot takes a | at a name's start for a program, and a ~ for somebody's home.
    let temporary = "\(path.hasPrefix("/") ? "" : "./")\(path).\(getpid()).part"
    let (width, height) = (picture.page.width, picture.page.height)
    let whole = """
      set encoding utf8
      set terminal \(picture.format.terminal(width: width, height: height))
      set output \(quoted(temporary))
      \(picture.script)
      unset output

      """
    do throws(ReportError) {
      try run(program, whole)
      try settle(temporary, picture.format, for: path)
      guard rename(temporary, path) == 0 else { throw failure(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    sync(PathName.folder(of: path))
  }

  /// Checks that gnuplot wrote all of a file, mends it, and waits until the disk has it.
  private static func settle(
    _ temporary: String, _ format: PlotFormat, for path: String
  ) throws(ReportError) {
    guard let data = FileManager.default.contents(atPath: temporary) else {
      throw ReportError("\(path): gnuplot wrote no file, and did not say why")
    }
    let corrected = format.corrected(data)
    guard format.isWhole(corrected ?? data) else {
      throw ReportError(
        "\(path): gnuplot wrote only a part of the picture (\(data.count) bytes), as it does where "
          + "the disk is full; what was there before is unchanged")
    }
    if let corrected {
      do {
        try corrected.write(to: URL(fileURLWithPath: temporary))
      } catch { throw ReportError("\(path): cannot be written: \(error.localizedDescription)") }
    }
    guard sync(temporary) else { throw failure(path) }
  }

  private static func failure(_ path: String) -> ReportError {
    ReportError("\(path): cannot be written: \(String(cString: strerror(errno)))")
  }

  /// Waits until the disk has a file, or the entries of a folder.
  @discardableResult private static func sync(_ path: String) -> Bool {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return false }
    defer { close(file) }
    return fsync(file) == 0
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
