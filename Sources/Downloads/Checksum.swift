// SPDX-License-Identifier: Apache-2.0

import CCrypto
import Foundation

/// A digest of bytes as they come: MD5, as publishers state it, or SHA-256.
public final class Checksum {
  public enum Kind: Sendable { case md5, sha256 }

  private let kind: Kind
  private let context: OpaquePointer
  private var isWell: Bool
  private static let blockBytes = 1 << 20

  /// - Throws: where libcrypto has no such digest.
  public init(_ kind: Kind) throws(DownloadError) {
    self.kind = kind
    let function = kind == .md5 ? EVP_md5() : EVP_sha256()
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, function, nil) == 1 else {
      throw DownloadError("libcrypto", "has no \(kind == .md5 ? "MD5" : "SHA-256") here")
    }
    self.context = context
    isWell = true
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds the first `count` bytes.
  public func add(_ bytes: [UInt8], count: Int) {
    precondition(count <= bytes.count, "bytes that are there")
    isWell = EVP_DigestUpdate(context, bytes, count) == 1 && isWell
  }

  /// Adds numbers as they lie in memory: little-endian on every machine that this runs on.
  public func add(values: [some BitwiseCopyable]) {
    values.withUnsafeBytes {
      isWell = EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 && isWell
    }
  }

  /// Adds the text's bytes.
  public func add(_ text: String) {
    let bytes = Array(text.utf8)
    add(bytes, count: bytes.count)
  }

  /// Hexadecimal digits, 32 or 64, of all bytes so far; nothing can be added afterwards.
  public func digits() -> String {
    var digest = [UInt8](repeating: 0, count: kind == .md5 ? 16 : 32)
    isWell = EVP_DigestFinal_ex(context, &digest, nil) == 1 && isWell
    precondition(isWell, "libcrypto adds up bytes")
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0\(text)" : text
    }.joined()
  }

  /// The digest of a file's bytes as they lie there.
  public static func of(file path: String, _ kind: Kind) throws(DownloadError) -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw DownloadError(path, "cannot be read")
    }
    return try of(handle, named: path, kind)
  }

  /// The digest of the bytes of an open file.
  public static func of(
    _ handle: FileHandle, named path: String, _ kind: Kind
  ) throws(DownloadError) -> String {
    let checksum = try Checksum(kind)
    do {
      while let block = try handle.read(upToCount: blockBytes), !block.isEmpty {
        checksum.add([UInt8](block), count: block.count)
      }
    } catch {
      throw DownloadError(path, "cannot be read: \(error.localizedDescription)")
    }
    return checksum.digits()
  }

  /// 32 hexadecimal digits.
  static func md5(ofFile path: String) throws(DownloadError) -> String {
    try of(file: path, .md5)
  }
}
