// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Pictures

/// What is refused, and in which words.
@Suite struct RefusalTests {
  private func error(_ path: String) throws -> PictureError {
    try #require(throws: PictureError.self) { try Picture(contentsOf: path) }
  }

  private func error(_ bytes: [UInt8]) throws -> PictureError {
    let error = try #require(throws: PictureError.self) {
      try Picture(bytes: bytes, name: "a picture")
    }
    #expect(error.file == "a picture")
    #expect(!error.description.contains { $0.isNewline })
    return error
  }

  @Test func placesWithoutAPicture() throws {
    let folder = try Folder()
    #expect(try error("\(folder.path)/absent").rule == "does not exist")
    #expect(try error(folder.path).value == "is a folder")
    #expect(try error("/dev/zero").value == "is no regular file")
    let empty = try folder.write("empty.png", [])
    #expect(try error(empty) == PictureError(file: empty, rule: "is empty"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link", withDestinationPath: GoldenPictures.path("grey.jpg"))
    #expect(try Picture(contentsOf: "\(folder.path)/link").height == 17)
  }

  /// A sparse file takes no room on the disk.
  @Test func largeFilesAreNotRead() throws {
    let folder = try Folder()
    let path = try folder.write("large.jpg", GoldenPictures.bytes("grey.jpg"))
    #expect(truncate(path, 1 << 28 + 1) == 0)
    let error = try error(path)
    #expect(error.value == "has 268435457 bytes")
    #expect(error.rule == "must have at most 268435456")
  }

  @Test(arguments: [
    (Array("GIF89a".utf8), "is a GIF"), (Array("RIFF1234WEBP".utf8), "is a WebP"),
    (Array("BM..".utf8), "is a BMP"), ([0x49, 0x49, 0x2A, 0, 8], "is a TIFF"),
    ([0, 0, 0, 24] + Array("ftypheic0000".utf8), "is an HEIC"),
    ([0, 1, 0xAB, 4, 5], "begins with the bytes 00 01 ab 04"), ([9], "begins with the bytes 09"),
  ])
  func otherFormatsAreNamed(_ bytes: [UInt8], _ found: String) throws {
    let error = try error(bytes)
    #expect(error.value.hasPrefix(found))
    #expect(error.rule == "must be a JPEG or PNG picture")
  }

  @Test func sizesAreCheckedBeforeMemoryIsTaken() throws {
    let png = try GoldenPictures.bytes("colour-8.png")
    let jpeg = try GoldenPictures.bytes("colour-420.jpg")
    for (height, width, rule) in [
      (0, 5, "1 to 65535 pixels each way"), (5, 65_536, "1 to 65535 pixels each way"),
      (14_000, 14_000, "at most 178956970 pixels"), (13_000, 13_000, "cut off or damaged"),
    ] {
      let damaged = PictureHeaders.png(png, height: height, width: width)
      #expect(try error(damaged).description.contains(rule), "\(height)×\(width)")
    }
    for (height, width, rule) in [
      (60_000, 60_000, "at most 178956970 pixels"), (13_000, 13_000, "cut off or damaged"),
    ] {
      let damaged = PictureHeaders.jpeg(jpeg, height: height, width: width)
      #expect(try error(damaged).description.contains(rule), "\(height)×\(width)")
    }
  }

  @Test func cutOffAndCorruptPixelsAreErrors() throws {
    let jpeg = try GoldenPictures.bytes("colour-444.jpg")
    #expect(try error(Array(jpeg.dropLast(2))).value == "has no end marker")
    let short = Array(jpeg.dropLast(200)) + [0xFF, 0xD9]
    #expect(try error(short).value.contains("premature end of data segment"))
    let png = try GoldenPictures.bytes("grey-8.png")
    // In the checksum of the pixels; what stands behind them is not theirs.
    #expect(try error(Array(png.dropLast(13))).value.contains("the file ends early"))
    #expect(try error(Array(png.dropLast(40))).value.contains("the file ends early"))
    var flipped = png
    flipped[60] ^= 1
    #expect(try error(flipped).value.contains("IDAT: CRC error"))
    #expect(try error(Array(png.prefix(20))).value == "has no header")
  }

  @Test func chunksThatAddNothingAreCheckedToo() throws {
    var gamma = try GoldenPictures.bytes("gamma.png")
    let chunk = try #require(
      (0..<gamma.count - 4).first { gamma[$0...].starts(with: Array("gAMA".utf8)) })
    gamma[chunk + 4] ^= 1
    #expect(try error(gamma).value.contains("gAMA: CRC error"))
    let png = try GoldenPictures.bytes("colour-8.png")
    let small = PictureHeaders.png(png, height: 3, width: 23)
    #expect(try error(small).value.contains("Too much image data"))
    // What another program has appended is nobody's business here.
    #expect(try Picture(bytes: png + [1, 2, 3], name: "a picture").width == 23)
  }

  /// What the decoder warns of first, and what may stand behind it.
  @Test func warningsOfNothingHideNoOthers() throws {
    var odd = try GoldenPictures.bytes("colour-444.jpg")
    odd[11] = 9
    #expect(try Picture(bytes: odd, name: "of JFIF 9").pixels.count == 17 * 23 * 3)
    let short = Array(odd.dropLast(200)) + [0xFF, 0xD9]
    #expect(try error(short).value.contains("premature end of data segment"))
  }

  /// Pillow reads these to the same pixels.
  @Test func strayBytesAreWarnedOfAndPassedOver() throws {
    let jpeg = try GoldenPictures.bytes("colour-444.jpg")
    let frame = try #require(PictureHeaders.frame(jpeg: jpeg))
    let png = try GoldenPictures.bytes("grey-8.png")
    let padded = Array(jpeg.dropLast(2)) + [UInt8](repeating: 7, count: 40) + [0xFF, 0xD9]
    let between = Array(jpeg[..<frame]) + [7] + jpeg[frame...]
    let odd: [(bytes: [UInt8], warning: String)] = [
      (padded, "extraneous bytes before marker 0xd9"),
      (between, "1 extraneous bytes before marker 0xc0"),
      (Array(png.dropLast(12)), "the file ends without its last chunk, IEND"),
      (Array(png.dropLast(5)), "the file ends without its last chunk, IEND"),
    ]
    for (bytes, warning) in odd {
      let read = try Picture.decoded(bytes: bytes, name: "odd")
      let whole = try Picture(bytes: bytes.starts(with: png.prefix(4)) ? png : jpeg, name: "whole")
      #expect(read.picture == whole && read.warning?.contains(warning) == true)
    }
    #expect(try Picture.decoded(bytes: jpeg, name: "whole").warning == nil)
    var empty = jpeg
    empty[5] = 0
    #expect(try error(empty).value == "has a segment of 0 bytes")
  }

  /// Twelve bits a sample, which the interface that we use cannot decode.
  @Test func precisionsThatCannotBeDecodedAreNamed() throws {
    var jpeg = try GoldenPictures.bytes("grey.jpg")
    let frame = try #require(PictureHeaders.frame(jpeg: jpeg))
    jpeg[frame + 4] = 12
    #expect(try error(jpeg).description.contains("precision 12"))
  }

  @Test(arguments: [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS"),
    ("\n<!DOCTYPE html><html>", "is a web page in HTML"), ("<HTML>", "is a web page in HTML"),
  ])
  func whatDownloadsLeaveIsNamed(_ text: String, _ value: String) throws {
    #expect(try error(Array(text.utf8)).value.hasPrefix(value))
  }
}
