// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation
import Records
import Testing

@testable import Weights

/// Files that other programs may write, well or badly.
@Suite struct ForeignFileTests {
  /// A `.weights.h5` with one convolution, whose kernel `body` makes in the group it is given.
  private func outcome(_ body: (hid_t) throws -> Void) throws -> Result<[Float], WeightError> {
    let folder = try ScratchFolder()
    let path = folder.file("foreign.weights.h5")
    try make(path, body)
    do throws(WeightError) {
      var read: [Float] = []
      let file = try WeightFile(path)
      try file.read(where: { _ in true }) { read += $1 }
      return .success(read)
    } catch {
      return .failure(error)
    }
  }

  private func make(_ path: String, _ body: (hid_t) throws -> Void) throws {
    // HDF5's own defaults, which allow what `hdf5_create` does not.
    let truncate: UInt32 = 2
    let file = H5Fcreate(path, truncate, 0, 0)
    let layers = hdf5_make_group(file, "layers")
    let layer = hdf5_make_group(layers, "conv2d")
    let variables = hdf5_make_group(layer, "vars")
    defer { for id in [variables, layer, layers] { H5Gclose(id) } }
    defer { H5Fclose(file) }
    try body(variables)
  }

  private func dataset(
    in group: hid_t, _ type: hid_t, _ shape: [UInt64], plist: hid_t = 0, write values: [UInt8]
  ) throws {
    let space = hdf5_make_space(Int32(shape.count), shape)
    let dataset = H5Dcreate2(group, "0", type, space, 0, plist, 0)
    try #require(dataset >= 0)
    if !values.isEmpty { #expect(H5Dwrite(dataset, type, 0, 0, 0, values) >= 0) }
    H5Dclose(dataset)
    H5Sclose(space)
  }

  private func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  @Test func otherFloatsAreConverted() throws {
    let wide = try outcome {
      try dataset(in: $0, hdf5_file_type(1), [3], write: bytes([0.1, -2, 1e-50]))
    }
    #expect(try wide.get() == [0.1, -2, 0])
    let half = try outcome {
      try dataset(in: $0, hdf5_small_float(5, 10), [2], write: bytes([UInt16(0x3C00), 0xC100]))
    }
    #expect(try half.get() == [1, -2.5])
    let brain = try outcome {
      try dataset(in: $0, hdf5_small_float(8, 7), [2], write: bytes([UInt16(0x3F80), 0xC020]))
    }
    #expect(try brain.get() == [1, -2.5])
  }

  /// As h5py writes NumPy's bfloat16: two bytes without meaning, and an attribute.
  @Test func markedBFloat16IsRead() throws {
    func opaque(marked: Bool) throws -> Result<[Float], WeightError> {
      try outcome { group in
        let type = H5Tcreate(H5T_OPAQUE, 2)
        try dataset(in: group, type, [2], write: bytes([UInt16(0x3F80), 0xC020]))
        guard marked else { return }
        let dataset = hdf5_open_object(group, "0")
        let text = hdf5_padded_text_type(8)
        let space = hdf5_make_space(0, [1])
        let attribute = hdf5_make_attribute(dataset, "dtype", text, space)
        #expect(H5Awrite(attribute, text, Array("bfloat16".utf8)) >= 0)
        H5Aclose(attribute)
        H5Dclose(dataset)
      }
    }
    #expect(try opaque(marked: true).get() == [1, -2.5])
    #expect(throws: WeightError.self) { try opaque(marked: false).get() }
  }

  @Test func otherTypesAreRefused() throws {
    let reversed = H5Tcopy(hdf5_file_type(0))
    H5Tset_order(reversed, H5T_ORDER_BE)
    for (type, size) in [(hdf5_file_type(2), 4), (hdf5_file_type(4), 1), (reversed, 4)] {
      let refused = try outcome {
        try dataset(in: $0, type, [2], write: Array(repeating: 0, count: 2 * size))
      }
      let error = #expect(throws: WeightError.self) { try refused.get() }
      #expect(error?.rule.hasPrefix("must hold little-endian floats") == true)
    }
  }

  @Test func chunksAndCompressionAreRead() throws {
    let values = (0..<60).map { Float($0) / 8 }
    for level in [0, 6] {
      let read = try outcome { group in
        let plist = hdf5_dataset_creation()
        H5Pset_chunk(plist, 2, [7, 2])
        if level > 0 {
          H5Pset_shuffle(plist)
          H5Pset_deflate(plist, UInt32(level))
          H5Pset_fletcher32(plist)
        }
        try dataset(in: group, hdf5_file_type(0), [20, 3], plist: plist, write: bytes(values))
        H5Pclose(plist)
      }
      #expect(try read.get() == values)
    }
  }

  @Test func sizesOutOfProportionAreRefused() throws {
    for shape: [UInt64] in [[1 << 26], [1 << 40], [1 << 33, 1 << 33]] {
      let bomb = try outcome { group in
        let plist = hdf5_dataset_creation()
        H5Pset_chunk(plist, Int32(shape.count), shape.map { min($0, 1 << 10) })
        H5Pset_deflate(plist, 9)
        try dataset(in: group, hdf5_file_type(0), shape, plist: plist, write: [])
        H5Pclose(plist)
      }
      let error = #expect(throws: WeightError.self) { try bomb.get() }
      #expect(
        error?.rule.contains("claims more values") == true
          || error?.rule.contains("out of proportion") == true
          || error?.rule.contains("nothing can hold") == true, "\(error?.rule ?? "")")
    }
  }

  @Test func linksAndValuesElsewhereAreRefused() throws {
    let soft = try outcome { H5Lcreate_soft("/somewhere", $0, "0", 0, 0) }
    let hard = try outcome { H5Lcreate_external("other.h5", "/x", $0, "0", 0, 0) }
    for link in [soft, hard] {
      let error = #expect(throws: WeightError.self) { try link.get() }
      #expect(error?.rule.contains("never followed") == true)
    }
    let outside = try outcome { group in
      let plist = hdf5_dataset_creation()
      H5Pset_external(plist, "/etc/passwd", 0, 8)
      try dataset(in: group, hdf5_file_type(0), [2], plist: plist, write: [])
    }
    let virtual = try outcome { group in
      let plist = hdf5_dataset_creation()
      let space = hdf5_make_space(1, [2])
      H5Pset_virtual(plist, space, "other.h5", "/x", space)
      try dataset(in: group, hdf5_file_type(0), [2], plist: plist, write: [])
    }
    for place in [outside, virtual] {
      let error = #expect(throws: WeightError.self) { try place.get() }
      #expect(error?.rule.contains("outside this file") == true, "\(error?.rule ?? "")")
    }
  }

  @Test func oneArrayUnderTwoNamesIsRefused() throws {
    let shared = try outcome { group in
      try dataset(in: group, hdf5_file_type(0), [2], write: bytes([Float(1), 2]))
      H5Lcreate_hard(group, "0", group, "1", 0, 0)
    }
    let error = #expect(throws: WeightError.self) { try shared.get() }
    #expect(error?.rule.contains("shares bytes") == true)
  }

  /// h5py's `libver="latest"`.
  @Test func newestFormatIsRead() throws {
    let folder = try ScratchFolder()
    let path = folder.file("newest.weights.h5")
    let access = hdf5_access()
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    let truncate: UInt32 = 2
    let file = H5Fcreate(path, truncate, 0, access)
    try #require(file >= 0)
    for name in ["layers", "layers/dense", "layers/dense/vars"] {
      H5Gclose(hdf5_make_group(file, name))
    }
    let variables = hdf5_open_object(file, "layers/dense/vars")
    try dataset(in: variables, hdf5_file_type(0), [2], write: bytes([Float(1), 2]))
    H5Gclose(variables)
    H5Fclose(file)
    H5Pclose(access)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes[8] == 3, "superblock")
    var read: [Float] = []
    try WeightFile(path).read(where: { _ in true }) { read += $1 }
    #expect(read == [1, 2])
  }

  @Test func olderNameOfTheLayersIsKnown() throws {
    let folder = try ScratchFolder()
    let path = folder.file("old.weights.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.makeGroup("optimizer/vars")
      try root.makeGroup("_layer_checkpoint_dependencies/flatten")
      try root.write(
        [Float(1), 2], shape: [1, 2], to: "_layer_checkpoint_dependencies/dense/vars/0")
      try root.write([Float(3), 4], shape: [2], to: "_layer_checkpoint_dependencies/dense/vars/1")
    }
    let outline = try WeightFile(path).outline
    #expect(outline.format == .kerasV3)
    #expect(outline.layers.map(\.name) == ["dense", "flatten"])
    #expect(outline.layers.map(\.arrays.count) == [2, 0])
  }

  @Test func layersInsideLayersAreRefused() throws {
    let folder = try ScratchFolder()
    let path = folder.file("nested.weights.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.write([Float(1)], shape: [1], to: "layers/bidirectional/forward_layer/vars/0")
    }
    let error = #expect(throws: WeightError.self) { try WeightFile(path) }
    #expect(error?.object == "layers/bidirectional/forward_layer/vars/0")
    #expect(error?.rule.contains("inside a layer") == true)
  }

  @Test func variablesMustBeNumberedWithoutGaps() throws {
    let folder = try ScratchFolder()
    let path = folder.file("gap.weights.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.write([Float(1)], shape: [1], to: "layers/dense/vars/0")
      try root.write([Float(1)], shape: [1], to: "layers/dense/vars/2")
    }
    let error = #expect(throws: WeightError.self) { try WeightFile(path) }
    #expect(error?.description.hasSuffix("/layers/dense/vars/1: is missing") == true)
  }

  @Test func otherHDF5IsNoWeightFile() throws {
    let folder = try ScratchFolder()
    for (name, schema) in [("plain.h5", nil), ("checkpoint.h5", "continuum-checkpoint/1")] {
      try HDF5File.write(to: folder.file(name)) { (root) throws(RecordError) in
        if let schema { try root.attributes.write(schema, to: "schema") }
        try root.write([1.0], shape: [1], to: "x")
      }
      let error = #expect(throws: WeightError.self) { try WeightFile(folder.file(name)) }
      #expect(error?.file == folder.file(name))
      #expect(error?.description.contains("continuum-weights/1") == (schema != nil))
    }
    for (path, rule) in [("/", "must be a file"), ("/nowhere.h5", "No such file")] {
      let error = #expect(throws: WeightError.self) { try WeightFile(path) }
      #expect(error?.rule.contains(rule) == true, "\(error?.rule ?? "")")
    }
  }
}
