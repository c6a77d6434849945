import CHDF5
import Foundation

/// What owns which bytes of a file in HDF5's old format, to notice an array that is not where it was
/// written.
///
/// The old format (superblocks 0 and 1, what h5py and Keras write) has no checksums: an array whose
/// address has lost a bit is read from wherever that leads. In a sound file every byte belongs to
/// one header, array or structure of HDF5's own, or to nobody. What moved to bytes of nobody stays
/// unnoticed: programs that edit files leave such bytes behind.
struct HDF5FileMap {
  /// Some bytes and what they are.
  struct Place {
    var bytes: Range<Int>
    var owner: String
  }

  private let arrays: [Place]
  private let headers: [Place]
  private let structures: [Place]

  /// Structures are looked for in the old format alone; in the new one they have checksums.
  init(_ path: String, headers: [Place], arrays: [Place]) throws(RecordError) {
    let bytes = try HDF5RawBytes(path)
    self.arrays = arrays.filter { !$0.bytes.isEmpty }
    guard let scan = HDF5StructureScan(bytes) else {
      (self.headers, structures) = (headers, [])
      return
    }
    self.headers = headers + scan.continuations(of: headers)
    // Large arrays are not searched: one that had moved would lie over others.
    let large = arrays.map(\.bytes).filter { $0.count > 1 << 16 }
    structures = scan.structures(in: Self.complement(of: large, in: bytes.size))
  }

  /// What is wrong with an array's place, if anything is.
  func fault() -> (array: String, rule: String)? {
    collision(headers + arrays) ?? overlap()
  }

  /// Two objects that share bytes.
  private func collision(_ places: [Place]) -> (String, String)? {
    let sorted = places.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    let pair = zip(sorted, sorted.dropFirst())
      .first { $0.bytes.upperBound > $1.bytes.lowerBound }
    return pair.map { ($1.owner, "shares bytes of the file with \($0.owner)") }
  }

  /// An array that lies where HDF5 keeps a structure.
  private func overlap() -> (String, String)? {
    let sorted = arrays.sorted { $0.bytes.lowerBound < $1.bytes.lowerBound }
    for structure in structures {
      let next = sorted.first { $0.bytes.upperBound > structure.bytes.lowerBound }
      if let next, next.bytes.overlaps(structure.bytes) {
        return (next.owner, "lies in \(structure.owner)")
      }
    }
    return nil
  }

  private static func complement(of places: [Range<Int>], in size: Int) -> [Range<Int>] {
    var holes: [Range<Int>] = []
    var end = 0
    for place in places.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if place.lowerBound > end { holes.append(end..<place.lowerBound) }
      end = max(end, place.upperBound)
    }
    if size > end { holes.append(end..<size) }
    return holes
  }
}

extension HDF5File {
  /// Checks that the objects found own different bytes of the file and that no array has moved; see
  /// `HDF5FileMap`. A sealed file needs no such check.
  ///
  /// - Throws: the array whose place is wrong.
  public func checkPlaces(
    groups: [HDF5Group], arrays: [HDF5Dataset]
  ) throws(RecordError) {
    guard !isSealed else { return }
    var headers: [HDF5FileMap.Place] = []
    var extents: [HDF5FileMap.Place] = []
    for group in groups {
      headers.append(
        HDF5FileMap.Place(bytes: try group.header(), owner: group.place.object))
    }
    for array in arrays {
      let owner = array.place.object
      headers.append(HDF5FileMap.Place(bytes: try array.header(), owner: owner))
      if let bytes = try array.extent() {
        extents.append(HDF5FileMap.Place(bytes: bytes, owner: owner))
      }
    }
    let map = try HDF5FileMap(location, headers: headers, arrays: extents)
    guard let fault = map.fault() else { return }
    throw RecordError(file: path, object: fault.array, rule: "is damaged: it \(fault.rule)")
  }
}
