import Foundation
import RandomStreams
import Testing

@testable import Pictures

/// Damaged files are refused in one line, or give a picture of the size that they state; nothing
/// crashes and nothing takes a gigabyte.
@Suite struct DamageTests {
  private static let names = [
    "colour-420.jpg", "progressive-422.jpg", "grey.jpg", "inks-coded.jpg", "restarts.jpg",
    "orientation-6.jpg", "colour-8.png", "interlaced-colour-8.png", "palette-4.png",
    "colour-alpha-16.png", "orientation-after.png",
  ]

  /// How many files were refused, and how many decoded all the same.
  private func decode(_ variants: [[UInt8]], of name: String) throws -> (bad: Int, good: Int) {
    var (bad, good) = (0, 0)
    for bytes in variants {
      do throws(PictureError) {
        let picture = try Picture(bytes: bytes, name: name)
        #expect(picture.pixels.count == picture.height * picture.width * 3)
        good += 1
      } catch {
        #expect(error.file == name)
        #expect(!error.rule.isEmpty)
        let line = error.description
        #expect(!line.contains { $0.isNewline } && line.count < 300, "\(line)")
        bad += 1
      }
    }
    return (bad, good)
  }

  @Test func everyTruncationIsRefused() throws {
    for name in Self.names {
      let whole = try GoldenPictures.bytes(name)
      let lengths = stride(from: 0, to: whole.count, by: max(1, whole.count / 60))
      let result = try decode(lengths.map { Array(whole.prefix($0)) }, of: name)
      #expect(result.good == 0 && result.bad >= 60, "\(name)")
    }
  }

  @Test func flippedBitsAndRewrittenBytesNeverCrash() throws {
    var random = RandomStream(seed: 3, "damage")
    let before = PeakMemory.reset()
    var refused = 0
    for name in Self.names {
      let whole = try GoldenPictures.bytes(name)
      let flipped = (0..<120).map { _ in Damage.flipped(whole, &random) }
      let rewritten = (0..<80).map { _ in Damage.rewritten(whole, &random) }
      let result = try decode(flipped + rewritten, of: name)
      #expect(result.bad + result.good == 200)
      refused += result.bad
    }
    #expect(refused > 1000)
    #expect(PeakMemory.bytes - before < 1 << 29)
  }

  @Test func statedSizesNeverTakeMemory() throws {
    let sides = [0, 1, 2, 16, 22, 24, 100, 999, 4096, 13_377, 32_768, 65_535]
    let before = PeakMemory.reset()
    for name in Self.names {
      let whole = try GoldenPictures.bytes(name)
      let isPNG = name.hasSuffix(".png")
      var variants: [[UInt8]] = []
      for height in sides + (isPNG ? [1 << 20, 0xFFFF_FFFF] : []) {
        for width in sides {
          variants.append(
            isPNG
              ? Damage.png(whole, height: height, width: width)
              : Damage.jpeg(whole, height: height, width: width))
        }
      }
      let result = try decode(variants, of: name)
      #expect(result.bad > variants.count / 2, "\(name)")
    }
    #expect(PeakMemory.bytes - before < 1 << 29)
  }
}

/// The most memory that this process has had resident.
enum PeakMemory {
  /// Forgets the peak so far, where the system allows it, and returns what is resident.
  static func reset() -> Int {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return bytes
  }

  static var bytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    return (number ?? .max >> 11) * 1024
  }
}
