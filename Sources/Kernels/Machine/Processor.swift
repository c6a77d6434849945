// SPDX-License-Identifier: Apache-2.0

import CKernels
import COpenBLAS
import Foundation

/// What the program computes on, and how it makes OpenBLAS use all of it.
public enum Processor {
  /// The processor for which OpenBLAS' kernels in use were written, for example `SkylakeX`.
  public static var coreName: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS' version, for example `0.3.21`.
  public static var openBLASVersion: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.count > 1 && words[0] == "OpenBLAS" ? String(words[1]) : "unknown"
  }

  /// The level of instructions that our own loops use here: `AVX-512`, `AVX2`, `NEON` or `portable`.
  public static var level: String { String(cString: ck.name) }

  /// The levels that this processor has, best first.
  public static var levels: [String] { Level.available.map(\.name) }

  /// The processor's own name, as the system tells it.
  public static var description: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in lines.split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return "unknown processor"
  }

  /// Whether the level that `CONTINUUM_LEVEL` names is one that this processor has.
  ///
  /// - Throws: the name, and those that there are.
  public static func checkLevel() throws(UnknownLevel) {
    guard let name = Level.requestedName, Level.named(name) == nil else { return }
    throw UnknownLevel(name: name)
  }

  /// Makes OpenBLAS use the kernels of our own loops' level, and one thread a call.
  ///
  /// OpenBLAS chooses when the library loads, by a list of models that is older than many
  /// processors; an unknown one gets kernels without AVX-512. So a program that finds itself so
  /// starts itself once more, in the same process, with the right choice in its environment,
  /// which its children inherit. To be called first thing in `main`. A user's own
  /// OPENBLAS_CORETYPE is left alone.
  public static func selectBestKernels() {
    let environment = ProcessInfo.processInfo.environment
    guard environment["OPENBLAS_CORETYPE"] == nil, environment[guardVariable] == nil,
      let core = betterCore(than: coreName, level: level)
    else { return }
    setenv("OPENBLAS_CORETYPE", core, 1)
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    setenv(guardVariable, "1", 1)
    // Returns only if it fails; then the program goes on with the kernels that it has.
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The kernels to ask for instead of `core`, or nil when it is one of the level's.
  static func betterCore(than core: String, level: String) -> String? {
    let cores: [String: [String]] = [
      "AVX-512": ["SkylakeX", "Cooperlake", "SapphireRapids"],
      "AVX2": ["Haswell", "Zen", "Excavator"],
    ]
    guard let fitting = cores[level],
      !fitting.contains(where: { $0.lowercased() == core.lowercased() })
    else { return nil }
    return fitting[0]
  }

  private static let guardVariable = "CONTINUUM_KERNELS_SELECTED"
}
