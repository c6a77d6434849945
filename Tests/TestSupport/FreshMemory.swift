import Foundation

/// Counts memory that is taken and given back, by the pages that the calling thread touches first.
///
/// Before each round the C library returns all free memory to the system, so that a tensor that
/// comes and goes at every step cannot hide in memory that is used again.
public enum FreshMemory {
  /// Bytes of new pages that this thread touched in all rounds together, or nil where the system
  /// cannot tell.
  public static func bytes(rounds: Int, _ body: (_ round: Int) -> Void) -> Int? {
    var pages = 0
    for round in 0..<rounds {
      guard returnFreeMemory(), let before = firstTouches else { return nil }
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

  /// `malloc_trim(0)`, which the overlay does not know either.
  private static func returnFreeMemory() -> Bool {
    typealias Trim = @convention(c) (Int) -> CInt
    guard let symbol = dlsym(nil, "malloc_trim") else { return false }
    _ = unsafeBitCast(symbol, to: Trim.self)(0)
    return true
  }
}
