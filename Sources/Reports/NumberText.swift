import Foundation

/// Numbers and names as people read them; the typography is that of Unicode.
enum NumberText {
  /// What stands where there is no value.
  static let absent = "—"

  /// A whole number with a comma between thousands.
  static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return number < 0 ? "−\(text)" : text
  }

  /// A number with so many decimals, with a true minus sign and no negative zero.
  static func fixed(_ number: Double, decimals: Int, signed: Bool = false) -> String {
    guard number.isFinite else { return number.isNaN ? "NaN" : number > 0 ? "∞" : "−∞" }
    let digits = String(format: "%.\(decimals)f", number.magnitude)
    guard digits.contains(where: { $0 != "0" && $0 != "." }) else { return digits }
    return (number < 0 ? "−" : signed ? "+" : "") + digits
  }

  /// How many decimals show four digits of a number, six at most.
  static func decimals(for number: Double) -> Int {
    guard number.isFinite, number != 0 else { return 2 }
    return min(6, max(0, 3 - Int(log10(number.magnitude).rounded(.down))))
  }

  /// `mean ± half width`, the half width absent for a sample of one.
  static func interval(_ center: Double, _ halfWidth: Double?, decimals: Int) -> String {
    let spread = halfWidth.map { fixed($0, decimals: decimals) } ?? absent
    return "\(fixed(center, decimals: decimals)) ± \(spread)"
  }

  /// A list for a sentence: `a, b, c`.
  static func list(_ items: some Sequence<String>) -> String {
    items.joined(separator: ", ")
  }

  /// A label's name as tables show it.
  static func label(_ name: String) -> String {
    name == "lambda" ? "λ" : name
  }
}

/// A metric's name, unit and scale.
struct Metric: Sendable {
  let key: String

  /// Accuracies are stored as fractions and shown in per cent.
  var isFraction: Bool {
    let last = key.split(separator: "/").last ?? ""
    return last == "top1" || last == "top5" || last.lowercased().hasSuffix("accuracy")
  }

  var scale: Double { isFraction ? 100 : 1 }

  /// `test top-1`
  var name: String {
    key.replacingOccurrences(of: "/", with: " ")
      .replacingOccurrences(of: "top1", with: "top-1")
      .replacingOccurrences(of: "top5", with: "top-5")
  }

  /// `test top-1 (%)`
  var title: String { isFraction ? "\(name) (%)" : name }

  func text(_ statistics: SampleStatistics?) -> String {
    guard let statistics else { return NumberText.absent }
    let decimals = isFraction ? 2 : NumberText.decimals(for: statistics.mean)
    return NumberText.interval(
      statistics.mean * scale, statistics.confidence95.map { $0 * scale }, decimals: decimals)
  }
}
