// SPDX-License-Identifier: Apache-2.0

import Tables

/// Numbers in sentences.
enum Words {
  /// `1 epoch`, `1,000 epochs`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(NumberText.grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A loss with four decimals; one of 10,000 or more, which tells no more than that, as `7.2e9`.
  static func loss(_ loss: Double) -> String {
    guard loss.isFinite, loss.magnitude >= 10_000 else {
      return NumberText.fixed(loss, decimals: 4)
    }
    var (value, exponent) = (loss, 0)
    while value.magnitude >= 9.95 { (value, exponent) = (value / 10, exponent + 1) }
    return "\(NumberText.fixed(value, decimals: 1))e\(exponent)"
  }
}
