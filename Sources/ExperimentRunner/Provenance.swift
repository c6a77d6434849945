import Foundation

/// Which Continuum made a result.
public enum Provenance {
  /// The version of the tool.
  public static let version = "0.1.0"

  /// The commit of the checkout that the program was built in, with `+` after it where files that
  /// git tracks were changed; `unknown` outside a checkout.
  public static let commit: String = {
    let folder = Bundle.main.executableURL?.deletingLastPathComponent().path ?? "."
    guard let head = output(of: ["git", "-C", folder, "rev-parse", "--short=12", "HEAD"]) else {
      return "unknown"
    }
    let changes = output(of: ["git", "-C", folder, "status", "--porcelain", "-uno"]) ?? ""
    return changes.isEmpty ? head : head + "+"
  }()

  private static func output(of command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
