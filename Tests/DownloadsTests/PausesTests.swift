// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Downloads

@Suite struct PausesTests {
  @Test func pausesGrowAndServersMaySayHowLong() throws {
    let pauses = Pauses()
    #expect((1...6).map { pauses.seconds(after: $0) } == [1, 2, 4, 8, 16, nil])
    #expect(pauses.seconds(after: 1, retryAfter: 30) == 30)
    #expect(pauses.seconds(after: 4, retryAfter: 2) == 8)
    #expect(pauses.seconds(after: 1, retryAfter: 121) == nil)
    let now = Date(timeIntervalSince1970: 1_445_412_470)
    #expect(Pauses.seconds("Wed, 21 Oct 2015 07:28:00 GMT", from: now) == 10)
    #expect(Pauses.seconds("Wed, 21 Oct 2015 07:27:00 GMT", from: now) == 0)
    #expect(Pauses.seconds("120", from: now) == 120)
    #expect(Pauses.seconds("soon", from: now) == nil && Pauses.seconds("-1", from: now) == nil)
  }
}
