// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation

/// What owns which bytes of a file in HDF5's old format, to notice an array that is not where it was
/// written.
///
/// The old format (superblocks 0 and 1, what h5py and Keras write) has no checksums: an array whose
/// address has lost a bit is read from wherever that leads. In a sound file every byte belongs to
/// one header, array or structure of HDF5's own, or to nobody. What moved to bytes of nobody is
/// noticed where they are blank; others may hold what a program that edited the file put there.
struct HDF5FileMap {
  /// Some bytes and what they are.
  struct Place {
    var bytes: Range<Int>
    var owner: String
  }

  private let bytes: HDF5RawBytes
  private let arrays: [Place]
  private let headers: [Place]
  private let structures: [Place]
  /// Whether the structures are known.
  private let isMapped: Bool

  /// Structures are looked for in the old format alone; in the new one they have checksums.
  init(_ path: String, headers: [Place], arrays: [Place]) throws(RecordError) {
    bytes = try HDF5RawBytes(path)
    self.arrays = arrays.filter { !$0.bytes.isEmpty }
    guard let scan = HDF5StructureScan(bytes) else {
      (self.headers, structures, isMapped) = (headers, [], false)
      return
    }
    self.headers = headers + scan.continuations(of: headers)
    // Large arrays are not searched: one that had moved would lie over others.
    let large = arrays.map(\.bytes).filter { $0.count > 1 << 16 }
    isMapped = true
    structures = scan.structures(in: Self.complement(of: large, in: bytes.size))
  }

  /// What is wrong with an array's place, if anything is.
  func fault() -> (array: String, rule: String)? {
    collision(headers + arrays) ?? overlap() ?? lost() ?? shifted()
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

  /// A blank array that stands alone among bytes of nobody and, but for one bit of its address, would
  /// hold others of nobody that are not blank: those that it has lost. Arrays that a program replaced
  /// by zeros are blank too, but stand where they were written.
  private func lost() -> (String, String)? {
    let holes = Self.complement(of: owned, in: bytes.size)
    for array in lonely where contents(of: array.bytes) == nil {
      let hole = holes.first { hole in
        guard hole.count >= array.bytes.count, let contents = contents(of: hole) else {
          return false
        }
        return (0..<Int.bitWidth - 1).contains { bit in
          let start = (array.bytes.lowerBound ^ 1 << bit) - hole.lowerBound
          return start >= 0 && start <= contents.lowerBound
            && contents.upperBound < start + array.bytes.count
            && start + array.bytes.count <= hole.count
        }
      }
      guard let hole else { continue }
      return (array.owner, "lies in blank bytes, while those at \(hole.lowerBound) have no owner")
    }
    return nil
  }

  /// An array that stands alone and, but for one bit of its address, would cover bytes of nobody that
  /// are not blank in exchange for blank ones: it has moved by less than its own length.
  private func shifted() -> (String, String)? {
    let owned = owned
    for array in lonely where contents(of: array.bytes) != nil {
      let (start, end) = (array.bytes.lowerBound, array.bytes.upperBound)
      for bit in 0..<Int.bitWidth where 1 << bit < array.bytes.count {
        let distance = 1 << bit
        let isBehind = start & distance != 0
        // Nothing is ever written at odd places, where numbers of four bytes cannot begin.
        guard isBehind || distance >= 4 else { continue }
        let left = isBehind ? start - distance..<start : end..<end + distance
        let taken = isBehind ? end - distance..<end : start..<start + distance
        guard contents(of: taken) == nil, distance < 4 || contents(of: left) != nil,
          left.upperBound <= bytes.size, !owned.contains(where: { $0.overlaps(left) })
        else { continue }
        return (array.owner, "begins \(distance) bytes away from where its numbers do")
      }
    }
    return nil
  }

  /// The bytes that are known to belong to something.
  private var owned: [Range<Int>] { (headers + arrays + structures).map(\.bytes) }

  /// The arrays that touch nothing else; none where structures are not known.
  private var lonely: [Place] {
    guard isMapped else { return [] }
    let owned = owned
    let (starts, ends) = (Set(owned.map(\.lowerBound)), Set(owned.map(\.upperBound)))
    return arrays.filter {
      !ends.contains($0.bytes.lowerBound) && !starts.contains($0.bytes.upperBound)
    }
  }

  /// From the first byte that is not blank to the last; nil where all are.
  private func contents(of range: Range<Int>) -> ClosedRange<Int>? {
    let bytes = bytes[range]
    guard let first = bytes.firstIndex(where: { $0 != 0 }),
      let last = bytes.lastIndex(where: { $0 != 0 })
    else { return nil }
    return first...last
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
