// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation
import Testing

@testable import Weights

/// Arrays whose addresses are wrong, in HDF5's old format, which has no checksums.
@Suite struct MovedArrayTests {
  /// The last array of the file touches nothing behind it: it can move by less than its length into
  /// bytes that were never written.
  @Test func lastArrayCannotMove() throws {
    let folder = try ScratchFolder()
    let sound = try Data(contentsOf: URL(fileURLWithPath: Fixtures.path(Fixtures.tiny[4])))
    let address = UInt64(2904)
    let field = try #require(sound.range(of: withUnsafeBytes(of: address) { Data($0) }))
    for bit in 0..<64 {
      var damaged = sound
      damaged[field.lowerBound + bit / 8] ^= 1 << UInt8(bit % 8)
      let path = folder.file("moved.weights.h5")
      try damaged.write(to: URL(fileURLWithPath: path))
      #expect(throws: WeightError.self, "bit \(bit)") {
        try WeightFile(path).read(where: { _ in true }) { _, _ in }
      }
    }
  }

  /// A program that replaced an array by another leaves the first one's bytes behind, beside which
  /// the others stand as before.
  @Test func editedFilesAreNoDamage() throws {
    let folder = try ScratchFolder()
    for name in ["layers/dense/vars/0", "layers/dense/vars/1", "layers/conv2d/vars/0"] {
      let path = try folder.copy(Fixtures.tiny[4], as: "edited.weights.h5")
      let readAndWrite: UInt32 = 1
      let file = H5Fopen(path, readAndWrite, 0)
      try #require(file >= 0)
      let old = hdf5_open_object(file, name)
      let space = H5Dget_space(old)
      var values = [Float](repeating: 0.25, count: Int(H5Sget_simple_extent_npoints(space)))
      H5Dclose(old)
      #expect(H5Ldelete(file, name, 0) >= 0)
      let new = hdf5_make_dataset(file, name, hdf5_file_type(0), space)
      #expect(H5Dwrite(new, hdf5_memory_type(0), 0, 0, 0, &values) >= 0)
      H5Dclose(new)
      H5Sclose(space)
      H5Fclose(file)
      let edited = try WeightFile(path)
      #expect(edited.outline.count == 219, "\(name)")
      try FileManager.default.removeItem(atPath: path)
    }
  }
}
