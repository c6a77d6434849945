// SPDX-License-Identifier: Apache-2.0

import CCrypto

extension RunRecord {
  /// What a run of a configuration is called: the first 16 hexadecimal digits of the text's SHA-256.
  public static func identifier(of configuration: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let bytes = Array(configuration.utf8)
    SHA256(bytes, bytes.count, &digest)
    return digest.prefix(8).map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }

  /// A file whose configuration was changed is no run that anybody made.
  ///
  /// - Throws: where the identifier is not that of the configuration.
  public func checkIdentifier(file: String) throws(RecordError) {
    let own = Self.identifier(of: configuration)
    guard id == own else {
      throw RecordError(
        file: file, rule: "its identifier \(id) is not that of the configuration in it, \(own)")
    }
  }
}
