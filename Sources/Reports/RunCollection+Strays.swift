// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

extension RunCollection {
  /// Sees whether files of other names hold runs that are to be looked for under their own: only
  /// those files are read, and there are mostly none.
  ///
  /// - Parameter runs: the identifiers of the runs.
  /// - Throws: where such a run has no file of its own, or one that tells something else.
  public static func checkStrayFiles(
    in results: String, runs: Set<String>
  ) throws(ReportError) {
    let folder = "\(results)/runs"
    for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    where name.hasSuffix(".h5") && !name.hasPrefix(".") && !runs.contains(String(name.dropLast(3)))
    {
      let file = "\(folder)/\(name)"
      guard name.wholeMatch(of: #/[0-9a-f]{16}\.h5/#) == nil,
        let record = try? RunRecord(contentsOf: file, reading: []), runs.contains(record.id)
      else { continue }
      let own = "\(folder)/\(record.id).h5"
      guard FileManager.default.fileExists(atPath: own) else {
        throw ReportError(
          "\(file) holds the run \(record.id), which would be made again: rename the file to "
            + "\(record.id).h5, or move it away")
      }
      guard let known = try? RunRecord(contentsOf: own, reading: []) else { continue }
      guard known.agrees(with: record), predictSame(own, file) else {
        throw ReportError(
          "\(own) and \(file) are both the run \(record.id) and differ; delete or move the one "
            + "that is wrong")
      }
    }
  }
}
