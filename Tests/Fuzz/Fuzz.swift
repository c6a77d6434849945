// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import Foundation

/// Feeds one of our readers with whatever libFuzzer thinks of; README.md says how.
///
/// The reader is named by `CONTINUUM_READER`: libFuzzer's own child processes inherit it, and would
/// not know a word of ours on the command line.
@main
enum Fuzz {
  static let reader: Reader = {
    let name = ProcessInfo.processInfo.environment["CONTINUUM_READER"] ?? ""
    guard let reader = Reader(rawValue: name) else {
      let names = Reader.allCases.map(\.rawValue).joined(separator: ", ")
      fatalError("CONTINUUM_READER must be one of: \(names)")
    }
    return reader
  }()

  static func main() {
    _ = reader
    var count = CommandLine.argc
    var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &words) { bytes, count in
      Fuzz.reader.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
      return 0
    }
    exit(status)
  }
}
