import Foundation
import Kernels
import Records

/// Which Continuum made a result.
public enum Provenance {
  /// The version of the tool.
  public static let version = "0.1.0"

  /// The commit of the checkout that the program was built in, with `+` after it where files that
  /// git tracks were changed; `unknown` outside a checkout.
  ///
  /// Files under `Results/` do not count: every sweep rewrites some, and no program is made of
  /// them.
  public static let commit = commit(
    of: Bundle.main.executableURL?.deletingLastPathComponent().path ?? ".")

  static func commit(of folder: String) -> String {
    guard let head = output(of: ["git", "-C", folder, "rev-parse", "--short=12", "HEAD"]) else {
      return "unknown"
    }
    let changes = output(of: [
      "git", "-C", folder, "status", "--porcelain", "-uno", "--", ":/", ":(top,exclude)Results",
    ])
    return changes == "" ? head : head + "+"
  }

  /// The versions of the libraries that numbers and files pass through.
  static var libraries: [String: String] {
    ["OpenBLAS": Processor.openBLASVersion, "HDF5": HDF5Version.linked, "C library": libc]
  }

  /// `glibc 2.36`.
  private static var libc: String {
    var text = [UInt8](repeating: 0, count: 64)
    let count = text.withUnsafeMutableBytes {
      confstr(Int32(_CS_GNU_LIBC_VERSION), $0.baseAddress, $0.count)
    }
    return count > 0 ? String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
  }

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
