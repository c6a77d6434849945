// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Threads that take tiles of work: the team, or Dispatch where others have it.
///
/// The tiles of a problem are fixed by its size and never by the number of threads; whoever
/// reduces over tiles adds their results in tile order. So any number of threads gives the same
/// bits. A pool is a number; making one costs nothing.
public struct ThreadPool: Sendable {
  /// How many threads work at once, at least one.
  public let threads: Int

  /// A pool of `threads` threads.
  public init(threads: Int) {
    precondition(threads >= 1, "a pool has at least one thread")
    self.threads = threads
  }

  /// Runs `body` once for each tile in 0..<tiles and returns when all are done.
  ///
  /// `worker` is below `threads` and belongs to one thread at a time: it selects scratch memory.
  /// With one thread or one tile everything runs on the caller's thread, in order.
  public func forEachTile(_ tiles: Int, _ body: (_ tile: Int, _ worker: Int) -> Void) {
    let workers = min(threads, tiles)
    guard workers > 1 else {
      var tile = 0
      while tile < tiles {
        body(tile, 0)
        tile += 1
      }
      return
    }
    let next = Atomic<Int>(0)
    // Dispatch wants a closure that may be sent to threads; this one is, and ends before we do.
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      @Sendable func work(_ worker: Int) {
        while true {
          let tile = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard tile < tiles else { return }
          body(tile, worker)
        }
      }
      if !ThreadTeam.shared.run(workers, work) {
        DispatchQueue.concurrentPerform(iterations: workers, execute: work)
      }
    }
  }

  /// Cuts [0, total) into ranges of `length` (the last may be shorter) and runs `body` on each.
  func forEachRange(_ total: Int, length: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
    forEachTile((total + length - 1) / length) { tile, _ in
      let start = tile * length
      body(start, min(length, total - start))
    }
  }
}
