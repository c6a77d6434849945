// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelZoo

/// The paper's numbers against the zoo's.
@Suite struct PaperClaimTests {
  @Test func threeClaimsAreContradictedAndTheRestHolds() throws {
    let claims = try PaperClaims.recomputed()
    let contradicted = claims.filter { $0.verdict == .contradicted }
    #expect(
      contradicted.map { "\($0.place): \($0.published), \($0.ours ?? "")" } == [
        "section 4.5.1: 4.3 %, 5.35 %", "Table 3: 23,626,728, 23,817,352",
        "section 4.5.2: within 3.5 %, 4.21 %",
      ])
    #expect(contradicted.allSatisfy { !$0.errata.isEmpty })
    #expect(claims.count { $0.verdict == .confirmed } == 14)
    #expect(claims.allSatisfy { ($0.ours == nil) == ($0.verdict == .notDerivable) })
    let subjects = claims.map { "\($0.place) \($0.subject)" }
    #expect(Set(subjects).count == subjects.count)
    #expect(
      claims.filter { $0.verdict == .notPrinted }.map(\.ours) == ["55,639,952", "115,629,968"])
  }

  @Test func everyErratumThatAClaimNamesIsListed() throws {
    let names = PaperErratum.all.map(\.name)
    #expect(names == (1...17).map { "E\($0)" })
    for claim in try PaperClaims.recomputed() {
      #expect(Set(claim.errata).isSubset(of: names), "\(claim.subject)")
    }
  }

  @Test func wrongNumbersAreContradicted() {
    #expect(PaperClaim.count("", "", 36, ours: 35).verdict == .contradicted)
    #expect(PaperClaim.count("", "", 36, ours: 36).verdict == .confirmed)
    #expect(PaperClaim.text("", "", "19×19", ours: "18×18").verdict == .contradicted)
    #expect(PaperClaim.percent("", "", tenths: 43, ours: 0.0435001).verdict == .contradicted)
    #expect(PaperClaim.percent("", "", tenths: 43, ours: 0.0434).verdict == .confirmed)
    #expect(PaperClaim.percent("", "", tenths: 43, ours: .nan).verdict == .contradicted)
    #expect(PaperClaim.within("", "", tenths: 35, ours: -0.036).verdict == .contradicted)
    #expect(PaperClaim.within("", "", tenths: 35, ours: .nan).verdict == .contradicted)
    #expect(PaperClaim.within("", "", tenths: 35, ours: 0.035).verdict == .confirmed)
  }
}
