// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The lines that arrive at a pipe. Foundation's own reading ends the program where a signal comes
/// between.
struct LineReader {
  private let descriptor: Int32
  /// What has arrived of a line that is not complete.
  private var rest: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Waits until something arrives.
  ///
  /// - Returns: the lines that are complete by then, perhaps none; nil at the end.
  mutating func next() -> [String]? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &bytes, bytes.count)
    if count < 0 && errno == EINTR { return [] }
    guard count > 0 else { return nil }
    rest += bytes.prefix(count)
    let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = Array(parts.last ?? [])
    return parts.dropLast().map { String(decoding: $0, as: UTF8.self) }
  }
}
