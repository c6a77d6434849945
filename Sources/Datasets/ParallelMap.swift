// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// `body(0)`, `body(1)`, … in that order, computed on all cores.
///
/// Each result depends on its index alone, so the number of cores cannot change any of them.
func parallelMap<Result: Sendable>(
  _ count: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let results = Mutex([Result?](repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: count) { index in
    let result = body(index)
    results.withLock { $0[index] = result }
  }
  return results.withLock { $0.compactMap(\.self) }
}
