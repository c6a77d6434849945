import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, turned into a question that loops ask between two steps.
public enum Interruption {
  private static let requested = Atomic<Bool>(false)

  /// Whether someone asked the program to stop.
  public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// From now on the first SIGINT or SIGTERM asks; the second ends the program at once.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.requested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
