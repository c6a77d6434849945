// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a process ended, as the end of a sentence, with what to do about it.
enum ProcessEnd: Equatable, CustomStringConvertible {
  case exited(status: Int32)
  case killed(signal: Int32)

  var description: String {
    switch self {
    case .exited(let status): "ended with status \(status)"
    case .killed(SIGKILL):
      "was killed by SIGKILL, perhaps for want of memory: fewer --jobs or a smaller batch take less"
    case .killed(SIGXCPU):
      "was killed by SIGXCPU: it reached the limit on processor time (ulimit -t)"
    case .killed(SIGXFSZ):
      "was killed by SIGXFSZ: it reached the limit on the size of a file (ulimit -f)"
    case .killed(let signal) where Self.crashes.contains(signal):
      "crashed with \(Self.name(signal)), which is a fault of the program: please report it"
    case .killed(let signal): "was ended by \(Self.name(signal)), which somebody sent"
    }
  }

  private static let crashes: Set = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]

  private static func name(_ signal: Int32) -> String {
    let names = [
      SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
      SIGABRT: "SIGABRT", SIGTRAP: "SIGTRAP", SIGSYS: "SIGSYS", SIGTERM: "SIGTERM",
      SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGQUIT: "SIGQUIT", SIGPIPE: "SIGPIPE",
      SIGALRM: "SIGALRM", SIGUSR1: "SIGUSR1", SIGUSR2: "SIGUSR2",
    ]
    return names[signal] ?? "signal \(signal)"
  }
}
