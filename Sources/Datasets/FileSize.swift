// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The size of files, asked before they are read.
enum FileSize {
  /// Bytes of the file at `path`.
  static func of(_ path: String) throws(DatasetError) -> Int {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved(path)) else {
      throw DatasetError(file: path, rule: "does not exist or cannot be read")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular,
      let size = attributes[.size] as? Int
    else {
      throw DatasetError(file: path, rule: "must be a regular file")
    }
    return size
  }

  /// The target of a symbolic link, whose own size says nothing.
  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().path
  }
}
