import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, turned into a question that loops ask between two steps.
public enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Whether someone asked the program to stop.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// From now on the first SIGINT or SIGTERM asks.
  ///
  /// - Parameter endsAtSecond: whether the second one ends the program at once; a worker, which its
  ///   parent and the terminal may both ask, leaves only after its checkpoint.
  public static func listen(endsAtSecond: Bool) {
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
}
