// SPDX-License-Identifier: Apache-2.0

import Tables
import Downloads
import ExperimentRunner
import Foundation
import Settings

/// `data fetch`: downloads published files into the data folder.
struct DataFetch {
  private let publications: [Publication]
  private let folder: String
  private let base: String?

  /// - Throws: an unknown name, with the nearest right spelling; no data folder.
  init(_ arguments: Arguments) throws {
    let names = arguments.operands.dropFirst()
    guard !names.isEmpty else {
      throw CommandError.refused(
        "NAME is missing; usage: continuum data fetch NAME… [--data DIR] [--from URL]")
    }
    publications = try names.map { name in
      guard let publication = Publication.named(name) else {
        let known = Publication.all.map(\.name)
        throw SettingsError(
          source: "NAME", field: "", value: "\"\(name)\"",
          rule: "must be one of: \(known.joined(separator: ", "))",
          suggestion: Spelling.nearest(to: name, among: known))
      }
      return publication
    }
    let environment = ProcessInfo.processInfo.environment["CONTINUUM_DATA"]
    guard let folder = arguments[CommonFlags.data] ?? environment else {
      throw CommandError.refused(
        "no data folder is named; name one by --data DIR or CONTINUUM_DATA")
    }
    self.folder = folder
    base = arguments[DataCommand.Flags.from]
    if let base, !["http://", "https://"].contains(where: base.hasPrefix) {
      throw arguments.error(DataCommand.Flags.from, "must begin with http:// or https://")
    }
  }

  /// Fetches one file after the other; prints the path of each.
  func run(_ console: Console) throws {
    let download = try Download(into: folder) { console.note($0) }
    Interruption.listen(endsAtSecond: true)
    for publication in publications {
      for published in publication.files {
        let file = base.map { published.at(base: $0) } ?? published
        let outcome = try download.fetch(file) { bytes, total in
          if let total, total > 0 {
            console.progress(
              "\(file.name) \(Self.megabytes(bytes)) of \(Self.megabytes(total)) MB",
              fraction: Double(bytes) / Double(total))
          }
          return !Interruption.isRequested
        }
        console.endProgress()
        switch outcome {
        case .fetched: console.note("fetched and checked: \(file.address)")
        case .stopped:
          throw CommandError.interrupted("stopped; the same command goes on from here")
        case .present: console.note("there already, and whole: \(file.name)")
        }
        try Output.write("\(download.path(of: file))\n")
      }
    }
  }

  private static func megabytes(_ bytes: Int) -> String {
    NumberText.fixed(Double(bytes) / 1e6, decimals: 1)
  }
}
