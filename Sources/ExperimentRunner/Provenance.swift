// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Records

/// Which Continuum made a result.
public enum Provenance {
  /// The version of the tool.
  public static let version = "0.1.0"

  /// The commit that the program was built from, with `+` after it where its sources differed from
  /// that commit's; `unknown` where it was built outside a checkout.
  public static let commit = BuildCommit.text

  /// The versions of the libraries that numbers and files pass through.
  static var libraries: [String: String] {
    ["OpenBLAS": Processor.openBLASVersion, "HDF5": HDF5Version.linked, "C library": libc]
  }

  /// `glibc 2.36`.
  private static var libc: String {
    var text = [UInt8](repeating: 0, count: 64)
    let count = text.withUnsafeMutableBytes {
      confstr(Int32(_CS_GNU_LIBC_VERSION), $0.baseAddress, $0.count)
    }
    return count > 0 ? String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) : "unknown"
  }
}
