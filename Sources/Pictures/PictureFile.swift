// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// Files that hold pictures: what they are and how large they may be.
enum PictureFile {
  /// What the first bytes say that a file is.
  enum Kind {
    case jpeg
    case png

    init?(_ bytes: [UInt8]) {
      if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        self = .jpeg
      } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
        self = .png
      } else {
        return nil
      }
    }
  }

  /// Bytes that a file may have.
  static let largestFile = 1 << 28
  /// Pixels in each direction; JPEG's own limit.
  static let longestSide = 65_535
  /// Pixels that a picture may have, as many as Pillow accepts (⅔ of 2²⁸).
  static let mostPixels = 178_956_970

  static func bytes(of path: String) throws(PictureError) -> [UInt8] {
    var status = stat()
    guard stat(FileName.bytes(of: path), &status) == 0 else {
      let reason = errno == ENOENT ? "does not exist" : "cannot be read"
      throw PictureError(file: path, rule: reason)
    }
    // A pipe or device would be waited for.
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw PictureError(
        file: path, value: isFolder ? "is a folder" : "is no regular file",
        rule: "must be a JPEG or PNG picture")
    }
    let size = Int(status.st_size)
    guard size <= largestFile else {
      throw PictureError(
        file: path, value: "has \(size) bytes", rule: "must have at most \(largestFile)")
    }
    let descriptor = open(FileName.bytes(of: path), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0,
      let data = try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        .read(upToCount: size)
    else {
      throw PictureError(file: path, rule: size == 0 ? "is empty" : "cannot be read")
    }
    return [UInt8](data)
  }

  /// The size that a header states, checked before memory is taken.
  ///
  /// - Parameter bitsPerPixel: the least that a pixel takes up before compression.
  static func check(
    height: Int, width: Int, name: String
  ) throws(PictureError) {
    let size = "is \(width)×\(height) pixels"
    let sides = 1...longestSide
    guard sides.contains(height), sides.contains(width) else {
      throw PictureError(
        file: name, value: size, rule: "must have 1 to \(longestSide) pixels each way")
    }
    guard height * width <= mostPixels else {
      throw PictureError(
        file: name, value: size, rule: "must have at most \(mostPixels) pixels")
    }
  }

  /// The rule against headers that state far more than the file can hold.
  static func check(
    _ needed: Int, bytesFor height: Int, _ width: Int, in bytes: [UInt8], name: String
  ) throws(PictureError) {
    guard needed <= bytes.count else {
      throw PictureError(
        file: name, value: "states \(width)×\(height) pixels in \(bytes.count) bytes",
        rule: "must have at least \(needed) bytes for so many; it is cut off or damaged")
    }
  }

  /// What a file is that is no picture of ours.
  static func found(_ bytes: [UInt8]) -> String {
    let known: [(name: String, start: [UInt8])] = [
      ("a GIF", Array("GIF8".utf8)), ("a WebP or other RIFF file", Array("RIFF".utf8)),
      ("a BMP", Array("BM".utf8)), ("a TIFF", [0x49, 0x49, 0x2A, 0]),
      ("a TIFF", [0x4D, 0x4D, 0, 0x2A]), ("an HDF5 file", [0x89, 0x48, 0x44, 0x46]),
    ]
    if bytes.isEmpty { return "is empty" }
    if let mistaken = MistakenFile.description(of: bytes) { return mistaken }
    if let name = known.first(where: { bytes.starts(with: $0.start) })?.name { return "is \(name)" }
    if bytes.count > 12, bytes[4..<8].elementsEqual("ftyp".utf8) {
      return "is an HEIC, AVIF or video"
    }
    let digits = bytes.prefix(4).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0\(text)" : text
    }
    return "begins with the bytes \(digits.joined(separator: " "))"
  }
}
