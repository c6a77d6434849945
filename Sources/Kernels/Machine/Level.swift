// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation

/// The micro-kernels in use.
nonisolated(unsafe) let ck: ck_kernels = Level.current.kernels

/// A level of processor, for which the micro-kernels are compiled apart: `AVX-512`, `AVX2`, `NEON` or
/// `portable`.
///
/// Results of two levels may differ in the last bits. A better processor can be told to compute as a
/// lesser one does, by `CONTINUUM_LEVEL` in the environment.
struct Level: @unchecked Sendable {
  /// Functions and constants.
  let kernels: ck_kernels

  var name: String { String(cString: kernels.name) }

  /// What this processor has, best first.
  static let available: [Level] = {
    var levels: [Level] = []
    while let kernels = ck_level(levels.count) { levels.append(Level(kernels: kernels.pointee)) }
    return levels
  }()

  static let variable = "CONTINUUM_LEVEL"

  /// The level that the environment names, or the best. `Processor.checkLevel` comes first where an
  /// unknown name is a user's.
  static var current: Level {
    guard let name = requestedName else { return available[0] }
    guard let level = named(name) else { preconditionFailure(UnknownLevel(name: name).description) }
    return level
  }

  /// The level of a name, however it is written: `avx512` is `AVX-512`.
  static func named(_ name: String) -> Level? {
    func plain(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
    return available.first { plain($0.name) == plain(name) }
  }

  static var requestedName: String? { ProcessInfo.processInfo.environment[variable] }
}

/// A level of processor was asked for that there is not.
public struct UnknownLevel: Error, CustomStringConvertible {
  public let name: String

  public var description: String {
    let levels = Level.available.map { "\"\($0.name)\"" }.joined(separator: ", ")
    return "environment: \(Level.variable) is \"\(name)\"; this processor has \(levels)"
  }
}
