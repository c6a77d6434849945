// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The marks of an axis: where they are, and what stands there.
struct PlotTicks {
  var values: [Double]
  var texts: [String]

  /// Round numbers between two ends, at most so many, and two at least where numbers allow it.
  static func round(from low: Double, to high: Double, most: Int) -> PlotTicks {
    let span = high - low
    guard span > 1e-12 * max(abs(low), abs(high)) else {
      return PlotTicks(values: [low], texts: [text(low, decimals: 6)])
    }
    var exponent = Int(log10(span).rounded(.down)) - 2
    var chosen: [Double] = []
    var step = 1.0
    search: while true {
      for factor in [1.0, 2, 5] {
        let next = factor * pow(10, Double(exponent))
        let values = multiples(of: next, from: low, to: high)
        if chosen.count >= 2, values.count < 2 { break search }
        (chosen, step) = (values, next)
        if values.count <= max(2, most) { break search }
      }
      exponent += 1
    }
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    return PlotTicks(values: chosen, texts: chosen.map { text($0, decimals: decimals) })
  }

  /// Whole numbers only, since there is no half epoch to read off.
  static func whole(from low: Double, to high: Double, most: Int) -> PlotTicks {
    var step = 1.0
    let factors = [2, 2.5, 2]
    var index = 0
    while multiples(of: step, from: low, to: high).count > max(1, most) {
      step *= factors[index % 3]
      index += 1
    }
    let values = multiples(of: step, from: low, to: high)
    return PlotTicks(values: values, texts: values.map { text($0, decimals: 0) })
  }

  /// Powers of ten, and between them twice and five times those where there is room.
  static func logarithmic(from low: Double, to high: Double, most: Int) -> PlotTicks {
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let (first, last) = (low * (1 - 1e-9), high * (1 + 1e-9))
    func values(_ factors: [Double]) -> [Double] {
      let all = exponents.flatMap { exponent -> [Double] in
        let power = pow(10, Double(exponent))
        return factors.map { $0 * power }
      }
      return all.filter { $0 >= first && $0 <= last }
    }
    let dense = values([1, 2, 5])
    let values = dense.count <= most ? dense : values([1])
    return PlotTicks(values: values, texts: values.map { String(format: "%g", $0) })
  }

  private static func multiples(of step: Double, from low: Double, to high: Double) -> [Double] {
    let (first, last) = ((low / step - 1e-9).rounded(.up), (high / step + 1e-9).rounded(.down))
    guard first <= last, last - first < 1000 else {
      return first <= last ? Array(repeating: low, count: 1000) : []
    }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private static func text(_ value: Double, decimals: Int) -> String {
    guard decimals <= 6, abs(value) < 1e6 else { return String(format: "%g", value) }
    return String(format: "%.\(decimals)f", value == 0 ? 0 : value)
      .replacingOccurrences(of: "-", with: "−")
  }

  /// The room that the texts take.
  func width(size: Double) -> Double {
    texts.map { PlotText.width($0, size: size) }.max() ?? 0
  }

  /// The room that the texts take at most, however many ticks there will be.
  static func widest(from low: Double, to high: Double, size: Double) -> Double {
    (2...10).map { round(from: low, to: high, most: $0).width(size: size) }.max() ?? 0
  }
}
