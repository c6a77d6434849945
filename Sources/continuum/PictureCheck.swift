// SPDX-License-Identifier: Apache-2.0

import Datasets

/// Decodes all pictures of a data set before it is used.
enum PictureCheck {
  /// - Throws: the first damaged picture, and how many more there are; nothing for sets in memory.
  static func run(_ splits: DatasetSplits, _ console: Console) throws(CommandError) {
    let faults = splits.damagedPictures { done, count in
      console.progress("checking \(count) pictures", fraction: Double(done) / Double(count))
    }
    console.endProgress()
    guard let first = faults.first else { return }
    for fault in faults.dropFirst().prefix(20) { console.note("\(fault)") }
    let more = faults.count == 1 ? "" : " (and \(faults.count - 1) more damaged pictures)"
    throw .refused("\(first)\(more)")
  }
}
