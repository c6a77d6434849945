// SPDX-License-Identifier: Apache-2.0

import Tables

/// A number of the Xception paper beside the one that is computed here.
public struct PaperClaim: Sendable {
  public enum Verdict: String, Sendable {
    case confirmed
    case contradicted
    /// It takes data or machines that nobody else has, or was set and not found.
    case notDerivable = "not derivable"
    /// It follows from the sizes in the paper, which does not print it.
    case notPrinted = "not printed"
  }

  /// Table, figure or section.
  public let place: String
  /// What the number counts.
  public let subject: String
  /// The number as printed.
  public let published: String
  /// The number computed here, or nil.
  public let ours: String?
  public let verdict: Verdict
  /// The names of the errata that concern it, such as `E5`.
  public let errata: [String]

  private init(
    _ place: String, _ subject: String, published: String, ours: String?, verdict: Verdict,
    _ errata: [String]
  ) {
    self.place = place
    self.subject = subject
    self.published = published
    self.ours = ours
    self.verdict = verdict
    self.errata = errata
  }

  /// A count: confirmed where the two integers are the same.
  static func count(
    _ place: String, _ subject: String, _ published: Int, ours: Int, errata: [String] = []
  ) -> PaperClaim {
    PaperClaim(
      place, subject, published: NumberText.grouped(published), ours: NumberText.grouped(ours),
      verdict: published == ours ? .confirmed : .contradicted, errata)
  }

  /// A text such as a shape: confirmed where it is the same.
  static func text(
    _ place: String, _ subject: String, _ published: String, ours: String, errata: [String] = []
  ) -> PaperClaim {
    PaperClaim(
      place, subject, published: published, ours: ours,
      verdict: published == ours ? .confirmed : .contradicted, errata)
  }

  /// A percentage: confirmed where ours, rounded to as many decimals as printed, is the same.
  static func percent(
    _ place: String, _ subject: String, tenths: Int, ours: Double, errata: [String] = []
  ) -> PaperClaim {
    let isSame = Int(exactly: (ours * 1000).rounded()) == tenths
    return PaperClaim(
      place, subject, published: "\(tenths / 10).\(tenths % 10) %", ours: percent(ours),
      verdict: isSame ? .confirmed : .contradicted, errata)
  }

  /// A bound on a percentage: confirmed where ours does not exceed it.
  static func within(
    _ place: String, _ subject: String, tenths: Int, ours: Double, errata: [String] = []
  ) -> PaperClaim {
    PaperClaim(
      place, subject, published: "within \(tenths / 10).\(tenths % 10) %", ours: percent(ours),
      verdict: abs(ours) * 1000 <= Double(tenths) ? .confirmed : .contradicted, errata)
  }

  /// A number that cannot be computed from the paper alone.
  static func notDerivable(
    _ place: String, _ subject: String, _ published: String, errata: [String] = []
  ) -> PaperClaim {
    PaperClaim(
      place, subject, published: published, ours: nil, verdict: .notDerivable, errata)
  }

  /// A count that the paper implies without printing it.
  static func notPrinted(_ place: String, _ subject: String, ours: Int) -> PaperClaim {
    PaperClaim(
      place, subject, published: "—", ours: NumberText.grouped(ours), verdict: .notPrinted, [])
  }

  private static func percent(_ share: Double) -> String {
    "\(NumberText.fixed(100 * share, decimals: 2)) %"
  }
}
