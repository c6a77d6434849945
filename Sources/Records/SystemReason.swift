// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The system's words for what went wrong.
public enum SystemReason {
  /// The reason in an error of Foundation's, whose own text names domains and numbers; any other
  /// error says itself what it is.
  public static func text(of error: any Error) -> String {
    let foundations = error as NSError
    if foundations.domain == NSPOSIXErrorDomain { return text(of: Int32(foundations.code)) }
    guard foundations.domain == NSCocoaErrorDomain else { return "\(error)" }
    guard let cause = foundations.userInfo[NSUnderlyingErrorKey] as? NSError else {
      return foundations.localizedDescription
    }
    return text(of: cause)
  }

  /// For one of the system's numbers, `errno` say.
  public static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}
