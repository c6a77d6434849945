// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Numbers as people read them; the typography is that of Unicode.
public enum NumberText {
  /// What stands where there is no value.
  public static let absent = "—"

  /// A whole number with a comma between thousands: `2,777,674`.
  public static func grouped(_ number: Int) -> String {
    (number < 0 ? "−" : "") + grouped(digits: String(number.magnitude))
  }

  private static func grouped(digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A number with so many decimals and a comma between thousands, with a true minus sign and no
  /// negative zero.
  public static func fixed(_ number: Double, decimals: Int, signed: Bool = false) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number > 0 ? "∞" : "−∞" }
    let text = String(format: "%.\(decimals)f", number.magnitude)
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let digits = ([grouped(digits: parts[0])] + parts.dropFirst()).joined(separator: ".")
    guard text.contains(where: { $0 != "0" && $0 != "." }) else { return digits }
    return (number < 0 ? "−" : signed ? "+" : "") + digits
  }

  /// How many decimals show four digits of a number, six at most.
  public static func decimals(for number: Double) -> Int {
    guard number.isFinite, number != 0 else { return 2 }
    return min(6, max(0, 3 - Int(log10(number.magnitude).rounded(.down))))
  }

  /// `mean ± half width`, the half width absent for a sample of one.
  public static func interval(
    _ center: Double, _ halfWidth: Double?, decimals: Int, signed: Bool = false
  ) -> String {
    let spread = halfWidth.map { fixed($0, decimals: decimals) } ?? absent
    return "\(fixed(center, decimals: decimals, signed: signed)) ± \(spread)"
  }
}
