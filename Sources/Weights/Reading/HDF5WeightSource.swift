// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The arrays of an HDF5 file or `.keras` archive, read in this process.
///
/// HDF5 can crash on a damaged file; see `ReaderProcess` for files from elsewhere.
public final class HDF5WeightSource: WeightSource {
  public let outline: WeightOutline
  private let datasets: [HDF5Dataset]

  /// Recognises the file and reads its names and shapes.
  ///
  /// - Throws: where it is none of the known kinds, is damaged, links to elsewhere, or two of its
  ///   arrays share bytes.
  public init(_ path: String) throws(WeightError) {
    let archive = try KerasArchive.isArchive(path) ? try KerasArchive(path) : nil
    let builder = OutlineBuilder(path)
    outline = try asWeightError { () throws(RecordError) in
      let file = try HDF5File(reading: archive?.weightsPath ?? path, as: path)
      var outline = try WeightLayout.outline(
        of: file.root, configuration: archive?.configuration, into: builder)
      if archive != nil { outline.format = .kerasArchive }
      try file.checkPlaces(
        groups: builder.groups, arrays: builder.datasets + builder.aside.map(\.dataset))
      archive?.removeName()
      return outline
    }
    if [.continuum, .run].contains(outline.format) { try Self.checkSeal(path) }
    datasets = builder.datasets
    guard archive == nil || outline.layers.contains(where: { $0.key != nil }) else {
      throw WeightError(
        file: path, object: KerasArchive.member, rule: "must be a .weights.h5 of Keras 3")
    }
  }

  /// What we write has a seal: without one it is not what we wrote.
  private static func checkSeal(_ path: String) throws(WeightError) {
    let isSealed = try asWeightError { () throws(RecordError) in try HDF5File.isSealed(path) }
    guard isSealed else {
      throw WeightError(
        file: path,
        rule:
          "has no seal at its end: it is cut off or damaged, or another program wrote or changed it"
      )
    }
  }

  public func read(
    where isWanted: (Int) -> Bool, _ body: (Int, [Float]) throws(WeightError) -> Void
  ) throws(WeightError) {
    for (position, dataset) in datasets.enumerated() where isWanted(position) {
      let values = try asWeightError { () throws(RecordError) in try dataset.floats() }
      try body(position, values)
    }
  }
}
