// SPDX-License-Identifier: Apache-2.0

import Foundation

extension JSON {
  /// Settings are written by people; whatever is larger is not settings.
  private static var largestFile: Int { 1 << 20 }

  /// Reads a JSON file.
  ///
  /// - Throws: where it cannot be read, is too large, or is not JSON.
  public init(file path: String) throws(SettingsError) {
    try self.init(text: Self.text(ofFile: path), source: path)
  }

  /// The text of a file that is to be read as JSON.
  ///
  /// - Throws: where it cannot be read, is too large, or is no text.
  public static func text(ofFile path: String) throws(SettingsError) -> String {
    func refusal(_ rule: String) -> SettingsError {
      SettingsError(source: path, field: "", value: "", rule: rule)
    }
    var isDirectory = ObjCBool(false)
    _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    guard !isDirectory.boolValue else { throw refusal("is a folder; it must be a JSON file") }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      data = try handle.read(upToCount: Self.largestFile + 1) ?? Data()
    } catch {
      throw refusal("cannot be read")
    }
    guard data.count <= Self.largestFile else {
      throw refusal("is larger than \(Self.largestFile) bytes; it must be a JSON file")
    }
    if let mistaken = MistakenFile.description(of: data) {
      throw refusal("\(mistaken); it must be a JSON file")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw refusal("is no UTF-8 text; it must be a JSON file")
    }
    return text
  }
}
