// SPDX-License-Identifier: Apache-2.0

import CHDF5

// MARK: Weights

extension HDF5Dataset {
  /// How many bytes a data set may claim for each that it takes in the file, beyond `smallBytes`.
  private static let mostGrowth = 64
  private static let smallBytes = 16 << 20

  /// The numbers as 32-bit floats, in row-major order, whatever floats the file holds: of 16, 32 or
  /// 64 bits, or bfloat16 as h5py writes it (two bytes and the attribute `dtype`).
  ///
  /// Stricter than `numbers`, since these files come from elsewhere and HDF5 has no checksum for
  /// them: other floats (big-endian, odd sizes) are taken for damage.
  /// - Throws: where the values are no such floats, lie outside the file, fill more or fewer bytes
  ///   than the extents say, or claim a size out of proportion to what is stored.
  public func floats() throws(RecordError) -> [Float] {
    try HDF5Library.locked { () throws(RecordError) in
      let type = try HDF5Handle(H5Dget_type(handle.id), at: place, rule: "has no readable type")
      let width = Int(H5Tget_size(type.id))
      let count = try checkedCount(elementSize: width)
      try checkStorage(count: count, width: width)
      try checkFilters()
      let values: [Float]?
      switch Int(hdf5_float_kind(type.id)) {
      case hdf5_float_known: values = handle.numbers(.dataset, count: count)
      case hdf5_bfloat16_opaque where try isMarkedBFloat16():
        values = handle.pairsOfBytes(count: count, type: type)?
          .map { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
      default:
        throw place.error("must hold little-endian floats of 16, 32 or 64 bits, or bfloat16")
      }
      guard let values else { throw place.libraryError("cannot be read") }
      return values
    }
  }

  /// Those that people meet, by the numbers that the HDF Group gave them.
  private static let filters = [
    32_000: "LZF", 32_001: "Blosc", 32_004: "LZ4", 32_008: "Bitshuffle", 32_015: "Zstandard",
    32_026: "Blosc2",
  ]

  /// Values may be compressed in a way that this library does not know.
  private func checkFilters() throws(RecordError) {
    let filter = Int(hdf5_missing_filter(handle.id))
    guard filter != 0 else { return }
    let name = Self.filters[filter] ?? "filter \(filter)"
    throw place.error(
      "is compressed with \(name), which HDF5 itself does not know; write the file again with gzip "
        + "or none")
  }

  private func isMarkedBFloat16() throws(RecordError) -> Bool {
    guard attributes.contains("dtype") else { return false }
    return try attributes.text("dtype") == "bfloat16"
  }

  private func checkStorage(count: Int, width: Int) throws(RecordError) {
    let stored = Int(clamping: H5Dget_storage_size(handle.id))
    if Int(hdf5_layout(handle.id)) == hdf5_in_file, stored != count * width {
      throw place.error("has \(count * width) bytes of numbers by its extents, \(stored) by itself")
    }
    let bytes = count * max(width, MemoryLayout<Float>.size)
    guard bytes <= Self.smallBytes || bytes / Self.mostGrowth <= stored else {
      throw place.error(
        "claims \(bytes) bytes of numbers, out of proportion to the \(stored) that are stored")
    }
  }

  /// The bytes of the file that hold the values, where they lie in one piece; nil where they are in
  /// chunks, in the object's header, or were never written.
  func extent() throws(RecordError) -> Range<Int>? {
    try HDF5Library.locked { () throws(RecordError) in
      let start = Int(hdf5_offset(handle.id))
      let stored = Int(clamping: H5Dget_storage_size(handle.id))
      guard start >= 0, Int(hdf5_layout(handle.id)) == hdf5_in_file else { return nil }
      guard stored <= file.size, start <= file.size - stored else {
        throw place.error("lies outside the file of \(file.size) bytes")
      }
      return start..<start + stored
    }
  }
}

// MARK: Places

extension HDF5Dataset {
  /// The bytes of the file that describe this data set.
  func header() throws(RecordError) -> Range<Int> { try place.header(of: handle) }
}

extension HDF5Group {
  /// The bytes of the file that describe this group.
  func header() throws(RecordError) -> Range<Int> { try place.header(of: handle) }
}

extension HDF5Place {
  fileprivate func header(of handle: HDF5Handle) throws(RecordError) -> Range<Int> {
    guard let header = HDF5Library.locked({ handle.header() }) else {
      throw libraryError("has no readable header")
    }
    return header
  }
}
