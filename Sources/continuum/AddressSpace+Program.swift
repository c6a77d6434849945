// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation

/// A limit on addresses (`ulimit -v`), before anything is begun.
extension AddressSpace {
  /// Makes do with a limit, where there is one: OpenBLAS has no threads of its own, each of which
  /// would take 128 MB, or ask for them for ever, and the allocator sets nothing aside for threads.
  /// Both are decided when the program is loaded, so it starts itself once more; its children inherit
  /// the choice.
  ///
  /// - Throws: where the limit leaves too little even so.
  static func makeDo() throws(CommandError) {
    guard let left, let limit else { return }
    let variable = "OPENBLAS_NUM_THREADS"
    if getenv(variable).map({ String(cString: $0) }) != "1" {
      setenv(variable, "1", 1)
      setenv("MALLOC_ARENA_MAX", "1", 0)
      // Returns only if it fails.
      execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
    guard left < 0 else { return }
    throw .refused(
      "this process may use \(limit >> 20) MB of addresses (ulimit -v), and needs at least "
        + "\((limit - left) >> 20) MB")
  }
}
