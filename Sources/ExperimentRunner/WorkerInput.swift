// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// What a sweep tells its worker, line by line, and whether the sweep is still there.
///
/// A worker whose sweep died must not go on for long: it holds the run's lock, and the next sweep
/// waits for it. So a thread of its own reads the lines and watches the parent; where that is gone,
/// the run is asked to stop at its next step, and the process ends a second later at the latest.
public final class WorkerInput: Sendable {
  /// Between two looks at the parent, in milliseconds; its end usually shows at once, as the end of
  /// the input.
  private static let interval: Int32 = 100
  /// Given to a step to end and leave a checkpoint, in microseconds.
  private static let grace: UInt32 = 500_000

  private let lines = Mutex<[String]>([])
  private let arrived = DispatchSemaphore(value: 0)
  private let parent: pid_t

  /// Begins to read standard input; nothing else may do so.
  ///
  /// - Parameter parent: the process that watches over this one; nil for the one that started it. It may
  ///   be gone by now, and what it wrote be there all the same.
  public init(parent: pid_t? = nil) {
    self.parent = parent ?? getppid()
    Thread.detachNewThread { self.read() }
  }

  /// The next line, waited for; nil at the end of the input.
  public func next() -> String? {
    arrived.wait()
    return lines.withLock { lines in
      guard lines.isEmpty || getppid() != parent else { return lines.removeFirst() }
      // Whoever asks again is told the same.
      arrived.signal()
      return nil
    }
  }

  private func read() {
    var reader = LineReader(STDIN_FILENO)
    while getppid() == parent {
      var question = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      guard poll(&question, 1, Self.interval) > 0 else { continue }
      guard let arrivals = reader.next() else { break }
      for line in arrivals {
        lines.withLock { $0.append(line) }
        arrived.signal()
      }
    }
    arrived.signal()
    watch()
  }

  /// After the end of the input the parent waits for a run in progress, unless it is gone.
  private func watch() {
    while getppid() == parent { usleep(UInt32(Self.interval) * 1000) }
    Interruption.request()
    usleep(Self.grace)
    // Files appear whole or not at all, and the locks end with the process.
    _exit(1)
  }
}
