// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the files of a data set are looked for.
struct DatasetLocation {
  /// The data set's own folder or archive, where the experiment names one.
  var path: String?
  /// The folder of all data sets.
  var directory: String?

  /// A folder that the user names: in the data folder where it is there, else as it stands.
  static func folder(_ path: String, in directory: String?) -> String {
    let data = directory ?? ProcessInfo.processInfo.environment["CONTINUUM_DATA"]
    guard !path.hasPrefix("/"), let data else { return path }
    let inside = "\(data)/\(path)"
    return FileManager.default.fileExists(atPath: inside) ? inside : path
  }

  /// The folder or archive in which the files of a set are.
  func base(_ source: DatasetSource) throws(DatasetError) -> String {
    guard let base = path ?? directory else {
      throw DatasetError(
        file: source.name, value: "no data folder is named",
        rule: "name one by --data DIR or CONTINUUM_DATA; \(source.advice)")
    }
    guard exists(base) else { throw DatasetError(file: base, rule: "does not exist") }
    return base
  }

  /// The error of a set that is not there.
  func missing(_ source: DatasetSource, in base: String) -> DatasetError {
    DatasetError(file: base, value: "\(source.name) is not there", rule: source.advice)
  }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue
  }
}
