// SPDX-License-Identifier: Apache-2.0

import CCrypto
import Foundation
import Records

/// Names a run by what it is.
enum RunIdentity {
  /// The first 16 hexadecimal digits of the text's SHA-256.
  static func of(_ configuration: String) -> String {
    RunRecord.identifier(of: configuration)
  }

  /// The SHA-256 of a file's contents, or nil where it cannot be read.
  static func digest(ofFile path: String) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path), let context = EVP_MD_CTX_new() else {
      return nil
    }
    defer { EVP_MD_CTX_free(context) }
    var isWell = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    do {
      while let block = try handle.read(upToCount: 1 << 20), !block.isEmpty {
        let bytes = [UInt8](block)
        isWell = EVP_DigestUpdate(context, bytes, bytes.count) == 1 && isWell
      }
    } catch {
      return nil
    }
    var digest = [UInt8](repeating: 0, count: 32)
    isWell = EVP_DigestFinal_ex(context, &digest, nil) == 1 && isWell
    return isWell ? digits(digest[...]) : nil
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}
