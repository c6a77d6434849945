// SPDX-License-Identifier: Apache-2.0

import CKernels
import Foundation
import Synchronization

/// Threads that stay awake for a moment after their work, because the next loop usually follows at
/// once: waking a thread takes longer than a small tensor.
///
/// One for the process, and taken by one loop at a time; a loop that finds it taken goes to Dispatch.
final class ThreadTeam: Sendable {
  static let shared = ThreadTeam()

  private let isTaken = Atomic<Bool>(false)
  private let members = Mutex<[Member]>([])

  /// Runs `body` on worker numbers 0..<workers, each on a thread of its own, 0 on the caller's.
  /// Returns false, having done nothing, where others have the team.
  func run(_ workers: Int, _ body: @escaping @Sendable (Int) -> Void) -> Bool {
    guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    let members = members.withLock { members in
      while members.count < workers - 1 { members.append(Member()) }
      return members
    }
    for index in 1..<workers { members[index - 1].start { body(index) } }
    body(0)
    for index in 1..<workers { members[index - 1].wait() }
    isTaken.store(false, ordering: .releasing)
    return true
  }
}

/// One thread of the team.
private final class Member: @unchecked Sendable {
  /// Written before `work` is posted and read after.
  private var job: (() -> Void)?
  private let work = Mailbox()
  private let done = Mailbox()

  init() {
    let thread = Thread { [unowned self] in
      while true {
        work.take()
        job?()
        job = nil
        done.post()
      }
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  func start(_ job: @escaping () -> Void) {
    self.job = job
    work.post()
  }

  func wait() { done.take() }
}

/// Where one thread waits for another, awake at first and then asleep.
private final class Mailbox: Sendable {
  private enum State {
    static let empty = 0
    static let full = 1
    static let awaited = 2
  }

  /// Nanoseconds for which a thread waits awake.
  private static let patience: UInt64 = 50_000

  private let state = Atomic<Int>(State.empty)
  private let wake = DispatchSemaphore(value: 0)

  func post() {
    let before = state.exchange(State.full, ordering: .acquiringAndReleasing)
    if before == State.awaited { wake.signal() }
  }

  func take() {
    let start = DispatchTime.now().uptimeNanoseconds
    repeat {
      for _ in 0..<64 {
        if state.load(ordering: .acquiring) == State.full { break }
        ck_pause()
      }
    } while state.load(ordering: .acquiring) != State.full
      && DispatchTime.now().uptimeNanoseconds - start < Self.patience
    let asleep = state.compareExchange(
      expected: State.empty, desired: State.awaited, ordering: .acquiringAndReleasing)
    if asleep.exchanged { wake.wait() }
    state.store(State.empty, ordering: .relaxed)
  }
}
