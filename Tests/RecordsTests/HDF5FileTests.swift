// SPDX-License-Identifier: Apache-2.0

import CHDF5
import Foundation
import Testing

@testable import Records

@Suite struct HDF5FileTests {
  @Test func numbersAreNeverNarrowedInSilence() throws {
    let folder = try ScratchFolder()
    try HDF5File.write(to: folder.file("n.h5")) { (root) throws(RecordError) in
      try root.write([1.5, 2.5], shape: [2], to: "doubles")
      try root.write([Float(0.1)], shape: [], to: "float")
      try root.write([Int32(-7)], shape: [1, 1], to: "integer")
      try root.write([UInt8(200)], shape: [1], to: "bytes")
    }
    let root = try HDF5File(reading: folder.file("n.h5")).root
    #expect(try root.dataset("float").numbers(as: Double.self) == [Double(Float(0.1))])
    #expect(try root.dataset("float").shape() == [])
    #expect(try root.dataset("integer").numbers(as: Int.self) == [-7])
    #expect(try root.dataset("bytes").numbers(as: Int32.self) == [200])
    let narrowed = #expect(throws: RecordError.self) {
      try root.dataset("doubles").numbers(as: Float.self)
    }
    #expect(narrowed?.rule == "must hold floating-point numbers of at most 32 bits")
    #expect(throws: RecordError.self) { try root.dataset("doubles").numbers(as: Int.self) }
    #expect(throws: RecordError.self) { try root.dataset("doubles").texts() }
  }

  @Test func childrenAreListedByName() throws {
    let folder = try ScratchFolder()
    try HDF5File.write(to: folder.file("n.h5")) { (root) throws(RecordError) in
      try root.write([1.0], shape: [1], to: "b/c/deep")
      try root.write(["é", "", "x"], shape: [3], to: "a")
      try root.group("b").attributes.write("text", to: "note/one")
    }
    let root = try HDF5File(reading: folder.file("n.h5")).root
    let names = try root.children().map { child in
      switch child {
      case .group(let name): "group \(name)"
      case .dataset(let name): "dataset \(name)"
      }
    }
    #expect(names == ["dataset a", "group b"])
    #expect(try root.datasets().map(\.path) == ["a", "b/c/deep"])
    #expect(try root.dataset("a").texts() == ["é", "", "x"])
    #expect(try root.group("b").attributes.names() == ["note/one"])
    #expect(try root.group("b").attributes.text("note/one") == "text")
    for path in ["b/d", "a/c", "b", "", "b/../a", "b//c"] {
      #expect(throws: RecordError.self, "\(path)") { try root.dataset(path) }
    }
  }

  /// A file that is made in memory is the one that HDF5 would have written, and larger than what its
  /// driver takes at once.
  @Test func aLargeFileIsWhole() throws {
    let folder = try ScratchFolder()
    let path = folder.file("large.h5")
    let values = (0..<700_000).map { Float($0) }
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.write(values, shape: [values.count], to: "a/values")
      try root.attributes.write("text", to: "note")
    }
    let root = try HDF5File(reading: path).root
    #expect(try root.dataset("a/values").numbers() == values)
    #expect(try root.attributes.text("note") == "text")
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect((2_800_000..<2_810_000).contains(try #require(size)))
    #expect(try folder.names() == ["large.h5"])
  }

  /// What fails in between leaves no object of HDF5 behind, and what was there before.
  @Test func aFileThatIsNotFinishedLeavesNothing() throws {
    let folder = try ScratchFolder()
    let path = folder.file("n.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.write([1.0], shape: [1], to: "a")
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let error = #expect(throws: RecordError.self) {
      try HDF5File.write(to: path) { (root) throws(RecordError) in
        try root.write([1.0], shape: [1], to: "a")
        try root.write([2.0], shape: [1], to: "a")
      }
    }
    #expect(error?.rule == "is there already")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(try folder.names() == ["n.h5"])
  }

  @Test func linksToElsewhereAreNotFollowed() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let path = folder.file("links.h5")
    let file = hdf5_create(path, hdf5_access())
    H5Lcreate_soft("/somewhere", file, "soft", 0, 0)
    H5Lcreate_external("run.h5", "/curves", file, "outside", 0, 0)
    H5Fclose(file)
    let root = try HDF5File(reading: path).root
    for name in ["soft", "outside"] {
      let error = #expect(throws: RecordError.self) { try root.group(name) }
      #expect(error?.object == "/\(name)")
      #expect(error?.rule.contains("never followed") == true)
    }
    #expect(throws: RecordError.self) { try root.children() }
  }

  @Test func groupInsideItselfIsRefused() throws {
    let folder = try ScratchFolder()
    let path = folder.file("loop.h5")
    let file = hdf5_create(path, hdf5_access())
    let group = hdf5_make_group(file, "a")
    H5Lcreate_hard(file, "a", group, "again", 0, 0)
    H5Gclose(group)
    H5Fclose(file)
    let root = try HDF5File(reading: path).root
    let error = #expect(throws: RecordError.self) { try root.datasets() }
    #expect(error?.rule.contains("inside itself") == true)
  }

  @Test func sizesThatTheFileCannotHoldAreRefusedBeforeMemoryIsTaken() throws {
    let folder = try ScratchFolder()
    let path = folder.file("large.h5")
    let file = hdf5_create(path, hdf5_access())
    let space = hdf5_make_space(2, [1 << 30, 1 << 20])
    let plain = hdf5_make_dataset(file, "unwritten", hdf5_file_type(0), space)
    H5Dclose(plain)
    try makeChunked(file, space)
    H5Sclose(space)
    H5Fclose(file)
    let root = try HDF5File(reading: path).root
    for name in ["unwritten", "chunked"] {
      #expect(try root.dataset(name).shape() == [1 << 30, 1 << 20])
      let error = #expect(throws: RecordError.self) {
        try root.dataset(name).numbers(as: Float.self)
      }
      #expect(error?.rule.hasPrefix("claims more values than the file") == true)
    }
  }

  private func makeChunked(_ file: hid_t, _ space: hid_t) throws {
    let kind = try #require(hdf5_dataset_creation() as hid_t?)
    H5Pset_chunk(kind, 2, [16, 16])
    let dataset = H5Dcreate2(file, "chunked", hdf5_file_type(0), space, 0, kind, 0)
    #expect(dataset >= 0)
    H5Dclose(dataset)
    H5Pclose(kind)
  }

  @Test func filesAreReadFromManyThreadsAtOnce() async throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let expected = try RunRecord(contentsOf: folder.file("run.h5")).bits
    let path = folder.file("run.h5")
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<16 {
        group.addTask {
          if index % 4 == 0 { try Samples.run().write(to: path) }
          return try RunRecord(contentsOf: path).bits == expected
        }
      }
      for try await same in group { #expect(same) }
    }
  }
}
