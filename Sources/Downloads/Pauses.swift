// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How long to wait before a download is tried again: twice as long every time, unless the server says
/// how long.
struct Pauses: Sendable {
  /// In seconds.
  var first = 1.0
  /// In seconds. A server that wants more is not waited for.
  var longest = 120.0
  /// Tries in a row that bring no byte.
  var tries = 6

  /// Seconds before the next try.
  ///
  /// - Parameters:
  ///   - failures: tries in a row, one at least, that brought no byte.
  ///   - retryAfter: what the server asks for.
  /// - Returns: nil where no further try is made.
  func seconds(after failures: Int, retryAfter: Double? = nil) -> Double? {
    guard failures < tries, (retryAfter ?? 0) <= longest else { return nil }
    return max(retryAfter ?? 0, min(longest, first * pow(2, Double(failures - 1))))
  }

  /// What `Retry-After` says: seconds, or a date; nil where it is neither.
  static func seconds(_ text: String, from now: Date) -> Double? {
    if let seconds = Int(text) { return seconds >= 0 ? Double(seconds) : nil }
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(identifier: "GMT")
    form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return form.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}
