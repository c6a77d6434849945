// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// Found by fuzzing: a number too large for an integer at the very end of a text made Foundation look
/// at the byte behind it, and end the program where that happened to be a digit.
@Suite struct LargeNumberTests {
  @Test(arguments: 20..<60) func aLargeNumberMayEndTheText(digits: Int) throws {
    for _ in 0..<20 {
      // Memory that is given back full of digits, for the decoder to find behind its own.
      for size in [16, 32, 48, 64, 96, 128] {
        _ = [UInt8](repeating: UInt8(ascii: "8"), count: size).reversed()
      }
      let text = String(repeating: "8", count: digits)
      #expect(try JSON(text: text, source: "text") == .number(try #require(Double(text))))
    }
  }
}
