// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The addresses that a process may use, where the system limits them, as batch systems do
/// (`ulimit -v`).
///
/// They count memory that is asked for, touched or not: libraries, stacks, buffers kept for later.
public enum AddressSpace {
  /// What one more thread that computes takes: its stack and OpenBLAS' buffer, 128 MB on most
  /// processors. For want of it OpenBLAS would ask for ever.
  public static let threadBytes = 144 << 20

  /// What any command takes beside what is loaded, the stacks of a thread on each processor among it.
  public static var usualBytes: Int {
    (128 + 9 * ProcessInfo.processInfo.activeProcessorCount) << 20
  }

  /// The limit of every process in bytes; nil where there is none.
  public static var limit: Int? {
    var limits = rlimit()
    #if os(Linux)
      let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits)
    #else
      let status = getrlimit(RLIMIT_AS, &limits)
    #endif
    // What is beyond a signed number is no limit.
    guard status == 0, limits.rlim_cur < UInt64(Int.max) else { return nil }
    return Int(limits.rlim_cur)
  }

  /// What the limit leaves beside what this process uses now, less than nothing perhaps, after
  /// `usualBytes`; nil where there is none.
  public static var left: Int? {
    guard let limit else { return nil }
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))
      .flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }
    return limit - (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE)) - usualBytes
  }
}
