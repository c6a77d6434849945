// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Random command lines")
struct FuzzTests {
  /// A small generator of its own, so that a failure comes back.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private static let words = [
    "--format", "json", "text", "csv", "--input", "8x8x3", "0x0x0", "x", "--classes", "3", "-1",
    "--segments", "all", "1,2", "--target", "500", "--quantity", "parameters", "--hold", "stack",
    "probe", #"{"network": "probe"}"#, #"{"network": []}"#, "{", "--", "-", "", "=", "--=", "--",
    "--help", "--version", "--quiet", "--seed", "--threads", "2", "list", "/dev/null", "/", "é\n",
    "--format=json", "--input=4x4x1", "--metric", "--output",
  ]

  @Test("no command line crashes; all end with 0 or 2")
  func neverCrashes() throws {
    var generator = Generator(state: 2017)
    var refused = 0
    let commands = ["zoo", "describe", "match", "table", "data", "help", ""]
    for _ in 0..<150 {
      let command = commands.randomElement(using: &generator) ?? ""
      let count = Int.random(in: 0...6, using: &generator)
      var words = (0..<count).compactMap { _ in Self.words.randomElement(using: &generator) }
      words.insert(command, at: Int.random(in: 0...min(1, count), using: &generator))
      let outcome = try Tool.run(words)
      #expect(!outcome.wasKilled, "\(words)")
      #expect(outcome.exitCode == 0 || outcome.exitCode == 2, "\(words): \(outcome.messages)")
      if outcome.exitCode == 2 {
        refused += 1
        #expect(outcome.messageLines.count == 1, "\(words): \(outcome.messages)")
        #expect(outcome.output.isEmpty, "\(words)")
      }
    }
    #expect(refused > 20)
  }
}
