import CCrypto

/// Names a run by what it is.
enum RunIdentity {
  /// The first 16 hexadecimal digits of the text's SHA-256.
  static func of(_ configuration: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let bytes = Array(configuration.utf8)
    SHA256(bytes, bytes.count, &digest)
    let digits = digest.prefix(8).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return digits.joined()
  }
}
