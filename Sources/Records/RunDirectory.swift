// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The run files of an experiment, `RESULTS/runs/<id>.h5`.
public enum RunDirectory {
  /// Reads all run files of a directory, sorted by file name; temporary files are no run files.
  ///
  /// - Parameters:
  ///   - directory: the results of an experiment, whose files lie in its folder `runs`; or a
  ///     folder that holds run files itself; or one run file.
  ///   - parts: which of the large parts to read; none of them by default.
  /// - Throws: where there is no such directory, or a run file cannot be read.
  public static func records(
    in directory: String, reading parts: RunRecord.Parts = []
  ) throws(RecordError) -> [RunRecord] {
    try files(in: directory).map { (path) throws(RecordError) in
      try RunRecord(contentsOf: path, reading: parts)
    }
  }

  /// The paths of the run files that `records` reads.
  ///
  /// - Throws: where there is no such directory.
  public static func files(in directory: String) throws(RecordError) -> [String] {
    guard let isDirectory = isDirectory(directory) else {
      throw RecordError(file: directory, rule: "must be a directory of runs; it does not exist")
    }
    guard isDirectory else { return [directory] }
    let runs = (directory as NSString).appendingPathComponent("runs")
    let folder = self.isDirectory(runs) == true ? runs : directory
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".h5") && !$0.hasPrefix(".") }.sorted()
        .map { (folder as NSString).appendingPathComponent($0) }
    } catch {
      throw RecordError(file: folder, rule: "cannot be listed: \(SystemReason.text(of: error))")
    }
  }

  /// The results folder that a path lies in or is: the folder that holds `runs`.
  public static func results(of path: String) -> String {
    let folder = isDirectory(path) == false ? PathName.folder(of: path) : path
    guard URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent == "runs" else {
      return folder.isEmpty ? "." : folder
    }
    return (folder as NSString).appendingPathComponent("..")
  }

  private static func isDirectory(_ path: String) -> Bool? {
    var isDirectory = ObjCBool(false)
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    return exists ? isDirectory.boolValue : nil
  }
}
