// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The most memory that this process has had resident.
public enum PeakMemory {
  /// Forgets the peak so far, where the system allows it, and returns what is resident.
  @discardableResult
  public static func reset() -> Int {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return bytes
  }

  public static var bytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    return (number ?? .max >> 11) * 1024
  }
}
