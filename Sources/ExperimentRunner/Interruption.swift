// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, turned into a question that loops ask between two steps.
public enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Whether someone asked the program to stop.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks, as a signal would.
  static func request() { requested.store(true, ordering: .relaxed) }

  /// From now on the first SIGINT or SIGTERM asks.
  ///
  /// - Parameter endsAtSecond: whether the second one ends the program at once; a worker, which its
  ///   parent and the terminal may both ask, leaves only after its checkpoint.
  public static func listen(endsAtSecond: Bool) {
    unblock([SIGINT, SIGTERM])
    for number in [SIGINT, SIGTERM] {
      if endsAtSecond {
        signal(number) { number in
          Interruption.requested.store(true, ordering: .relaxed)
          signal(number, SIG_DFL)
        }
      } else {
        signal(number) { _ in Interruption.requested.store(true, ordering: .relaxed) }
      }
    }
  }

  /// From now on the signals end the program again, as they do by themselves.
  public static func listenNoMore() {
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }

  /// SIGQUIT ends the program at once: whoever presses Ctrl-\ wants the end, not the registers that
  /// Swift would show.
  public static func endAtQuit() {
    unblock([SIGQUIT])
    signal(SIGQUIT, SIG_DFL)
  }

  /// A process may inherit a mask that holds these signals back, from a thread of Dispatch's say.
  private static func unblock(_ numbers: [Int32]) {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in numbers { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
