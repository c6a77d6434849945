// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Counts memory that is taken and given back, by the pages that the calling thread touches first.
///
/// Meanwhile the C library returns what is freed to the system, so that a tensor that comes and goes
/// at every step cannot hide in memory that is used again.
public enum FreshMemory {
  /// Bytes of new pages that this thread touched in all rounds together, after one that does not
  /// count, or nil where the system cannot tell.
  public static func bytes(rounds: Int, _ body: (_ round: Int) -> Void) -> Int? {
    guard let library = AllocatorOptions() else { return nil }
    library.returnAtOnce(true)
    defer { library.returnAtOnce(false) }
    body(0)
    var pages = 0
    for round in 1...rounds {
      library.returnFreeMemory()
      guard let before = firstTouches else { return nil }
      body(round)
      guard let after = firstTouches else { return nil }
      pages += after - before
    }
    return pages * Int(getpagesize())
  }

  private static var firstTouches: Int? {
    // RUSAGE_THREAD, which the Swift overlay of the C library does not name.
    let thisThread: CInt = 1
    var usage = rusage()
    guard getrusage(thisThread, &usage) == 0 else { return nil }
    return usage.ru_minflt
  }
}

/// glibc's `mallopt` and `malloc_trim`, which the Swift overlay does not know.
private struct AllocatorOptions {
  private typealias Option = @convention(c) (CInt, CInt) -> CInt
  private typealias Trim = @convention(c) (Int) -> CInt
  private let option: Option
  private let trim: Trim

  init?() {
    guard let option = dlsym(nil, "mallopt"), let trim = dlsym(nil, "malloc_trim") else {
      return nil
    }
    self.option = unsafeBitCast(option, to: Option.self)
    self.trim = unsafeBitCast(trim, to: Trim.self)
  }

  /// Blocks of 64 KiB or more come from the system and go back to it when freed; or, as usual, only
  /// large ones.
  func returnAtOnce(_ atOnce: Bool) {
    let (trimThreshold, mapThreshold): (CInt, CInt) = (-1, -3)
    _ = option(trimThreshold, atOnce ? 65_536 : 64 << 20)
    _ = option(mapThreshold, atOnce ? 65_536 : 32 << 20)
  }

  func returnFreeMemory() {
    _ = trim(0)
  }
}
