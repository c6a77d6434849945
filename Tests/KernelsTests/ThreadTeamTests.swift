// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Synchronization
import Testing

/// Every tile is run once, whoever runs it, and nobody is still at work afterwards.
@Suite struct ThreadTeamTests {
  /// How often each of some tiles was run.
  private final class Count: Sendable {
    private let counts: Mutex<[Int]>
    init(_ tiles: Int) { counts = Mutex(Array(repeating: 0, count: tiles)) }
    func add(_ tile: Int) { counts.withLock { $0[tile] += 1 } }
    var isOnce: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } }
  }

  @Test(arguments: [1, 2, 3, 5], [0, 1, 2, 7, 100])
  func everyTileRunsOnce(_ threads: Int, _ tiles: Int) {
    for _ in 0..<50 {
      let count = Count(tiles)
      ThreadPool(threads: threads).forEachTile(tiles) { tile, worker in
        count.add(tile)
        #expect((0..<threads).contains(worker))
      }
      #expect(count.isOnce)
    }
  }

  /// Loops inside of loops, and from several threads at once, while the team is at work.
  @Test func loopsMayMeet() {
    let pool = ThreadPool(threads: 2)
    let count = Count(4 * 5 * 6)
    DispatchQueue.concurrentPerform(iterations: 4) { caller in
      pool.forEachTile(5) { outer, _ in
        pool.forEachTile(6) { inner, _ in count.add((caller * 5 + outer) * 6 + inner) }
      }
    }
    #expect(count.isOnce)
  }

  /// Threads that have fallen asleep come back.
  @Test func aPauseEndsNothing() {
    for pause in [0, 1, 20, 0] {
      usleep(UInt32(1000 * pause))
      let count = Count(64)
      ThreadPool(threads: 4).forEachTile(64) { tile, _ in count.add(tile) }
      #expect(count.isOnce)
    }
  }
}
