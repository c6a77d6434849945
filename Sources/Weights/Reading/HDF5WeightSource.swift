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
      archive?.removeName()
      var outline = try WeightLayout.outline(of: file.root, into: builder)
      if archive != nil { outline.format = .kerasArchive }
      try builder.checkPlaces()
      return outline
    }
    datasets = builder.datasets
    guard archive == nil || outline.layers.contains(where: { $0.key != nil }) else {
      throw WeightError(
        file: path, object: KerasArchive.member, rule: "must be a .weights.h5 of Keras 3")
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

/// Collects what an outline is made of, with the bytes of the file that each object takes.
///
/// Old HDF5 files have no checksums: a flipped bit in an address leads somewhere else in silence.
/// No two objects of a sound file share a byte, which shows most of them.
final class OutlineBuilder {
  let file: String
  private(set) var layers: [WeightOutline.Layer] = []
  private(set) var datasets: [HDF5Dataset] = []
  private var places: [(bytes: Range<Int>, owner: String)] = []

  init(_ file: String) {
    self.file = file
  }

  /// Notes a group on the way to arrays.
  func visit(_ group: HDF5Group, _ name: String) throws(RecordError) {
    places.append((try group.header(), name))
  }

  /// Adds a layer with its arrays, by name and data set.
  func add(
    layer name: String, key: String? = nil, arrays: [(name: String, dataset: HDF5Dataset)]
  ) throws(RecordError) {
    var outlined: [WeightOutline.Array] = []
    for (array, dataset) in arrays {
      let owner = "\(name)/\(array)"
      let array = WeightOutline.Array(name: array, shape: try dataset.shape())
      guard array.isCountable else {
        throw RecordError(
          file: file, object: owner, rule: "has the shape \(array.shape), which nothing can hold")
      }
      outlined.append(array)
      datasets.append(dataset)
      places.append((try dataset.header(), owner))
      if let bytes = try dataset.extent(), !bytes.isEmpty { places.append((bytes, owner)) }
    }
    layers.append(WeightOutline.Layer(name: name, key: key, arrays: outlined))
  }

  /// - Throws: where two objects share bytes.
  func checkPlaces() throws(RecordError) {
    let sorted = places.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    for (first, second) in zip(sorted, sorted.dropFirst())
    where first.bytes.upperBound > second.bytes.lowerBound {
      throw RecordError(
        file: file, object: second.owner,
        rule: "is damaged: it shares bytes of the file with \(first.owner)")
    }
  }
}
