// SPDX-License-Identifier: Apache-2.0

import Records

/// One array of floats in an HDF5 file from elsewhere that need not hold weights: images, say.
///
/// ```swift
/// let images = try ForeignArray("images", inFile: "images.h5", reading: .elsewhere(command: words))
/// ```
public struct ForeignArray: Sendable {
  public let shape: [Int]
  /// In row-major order.
  public let values: [Float]

  /// Reads the whole array; a file of the old format has no checksums, so numbers are what they are.
  ///
  /// - Parameters:
  ///   - name: its path in the file, `group/array`.
  ///   - path: of the file.
  ///   - reading: where; HDF5 can crash on damaged files.
  /// - Throws: where there is no such array, it holds no floats, or the file is damaged.
  public init(
    _ name: String, inFile path: String, reading: WeightFile.Reading
  ) throws(WeightError) {
    if let rule = ForeignForm.rule(for: path) { throw WeightError(file: path, rule: rule) }
    let source: any WeightSource
    switch reading {
    case .here: source = try HDF5ArraySource(path, array: name)
    case .elsewhere(let command):
      source = try ReaderProcess(path, command: command, array: name)
    }
    shape = source.outline.arrays.first?.shape ?? []
    var values: [Float] = []
    try source.read(where: { _ in true }) { values = $1 }
    self.values = values
  }
}

/// A single array as a source, which its file knows by a path.
final class HDF5ArraySource: WeightSource {
  let outline: WeightOutline
  private let dataset: HDF5Dataset

  init(_ path: String, array: String) throws(WeightError) {
    let builder = OutlineBuilder(path)
    dataset = try asWeightError { () throws(RecordError) in
      let dataset = try HDF5File(reading: path).root.dataset(array)
      try builder.add(layer: "", arrays: [(array, dataset)])
      return dataset
    }
    outline = WeightOutline(format: .array, layers: builder.layers)
  }

  func read(
    where isWanted: (Int) -> Bool, _ body: (Int, [Float]) throws(WeightError) -> Void
  ) throws(WeightError) {
    let values = try asWeightError { () throws(RecordError) in try dataset.floats() }
    try body(0, values)
  }
}
