import CCrypto
import Foundation

/// The MD5 of files, as publishers state it.
enum Checksum {
  private static let blockBytes = 1 << 20

  /// 32 hexadecimal digits.
  static func md5(ofFile path: String) throws(DownloadError) -> String {
    guard let handle = FileHandle(forReadingAtPath: path), let context = EVP_MD_CTX_new() else {
      throw DownloadError(path, "cannot be read")
    }
    defer { EVP_MD_CTX_free(context) }
    var isWell = EVP_DigestInit_ex(context, EVP_md5(), nil) == 1
    do {
      while let block = try handle.read(upToCount: blockBytes), !block.isEmpty {
        let bytes = [UInt8](block)
        isWell = EVP_DigestUpdate(context, bytes, bytes.count) == 1 && isWell
      }
    } catch {
      throw DownloadError(path, "cannot be read: \(error.localizedDescription)")
    }
    var digest = [UInt8](repeating: 0, count: 16)
    isWell = EVP_DigestFinal_ex(context, &digest, nil) == 1 && isWell
    guard isWell else { throw DownloadError(path, "libcrypto has no MD5 here") }
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0\(text)" : text
    }.joined()
  }
}
