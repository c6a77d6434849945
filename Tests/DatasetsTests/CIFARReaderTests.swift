// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Datasets

@Suite struct CIFARReaderTests {
  let layout = Fixtures.smallCIFAR
  let files = Fixtures.cifarFiles(Fixtures.smallCIFAR)

  private func write(_ files: [(name: String, bytes: [UInt8])], to folder: Folder) throws {
    for file in files { try folder.write(file.name, file.bytes) }
  }

  private func members() -> [(name: String, bytes: [UInt8])] {
    files.map { ("\(layout.folder)/\($0.name)", $0.bytes) }
  }

  @Test func planesBecomePixelsInTheOrderOfTheFiles() throws {
    let folder = try Folder()
    try write(files, to: folder)
    let (train, test) = try CIFARReader.read(folder: folder.path, layout)
    #expect(train.count == 15)
    #expect(test.count == 4)
    guard case .bytes(let pixels) = train.pixels else {
      Issue.record("bytes stay bytes")
      return
    }
    // Record 1 of the third file is image 7.
    let record = Array(files[2].bytes[3073..<6146])
    #expect(train.labels[7] == Int(record[0]))
    for (y, x, channel) in [(0, 0, 0), (0, 1, 1), (31, 31, 2), (5, 17, 1)] {
      let found = pixels[7 * 3072 + (y * 32 + x) * 3 + channel]
      #expect(found == record[1 + channel * 1024 + y * 32 + x])
    }
  }

  @Test func archiveInAnyOrderGivesTheSameAsTheFolder() throws {
    let folder = try Folder()
    try write(files, to: folder)
    let extra = [("\(layout.folder)/readme.html", Fixtures.bytes(700, seed: 9))]
    let tar = Fixtures.tar(extra + members().reversed())
    let expected = try CIFARReader.read(folder: folder.path, layout)
    for (name, bytes) in [("a.tar.gz", try folder.gzipped(tar)), ("a.tar", tar)] {
      let path = try folder.write(name, bytes)
      let found = try CIFARReader.read(archive: path, layout)
      #expect(found.train.labels == expected.train.labels)
      #expect(found.train.pixels == expected.train.pixels)
      #expect(found.test.labels == expected.test.labels)
      #expect(found.test.pixels == expected.test.pixels)
    }
  }

  @Test func hundredClassesTakeTheFineLabel() throws {
    var layout = CIFAR100.layout
    (layout.trainRecords, layout.testRecords) = (5, 2)
    #expect(layout.classNames.count == 100)
    #expect(layout.classNames == layout.classNames.sorted())
    let folder = try Folder()
    try write(Fixtures.cifarFiles(layout), to: folder)
    let (train, _) = try CIFARReader.read(folder: folder.path, layout)
    #expect(train.labels == [1, 2, 3, 4, 5])
  }

  @Test func wrongLabelNamesFileOffsetAndRule() throws {
    let folder = try Folder()
    var damaged = files
    damaged[1].bytes[2 * 3073] = 10
    try write(damaged, to: folder)
    let error = #expect(throws: DatasetError.self) {
      try CIFARReader.read(folder: folder.path, layout)
    }
    #expect(error?.file == "\(folder.path)/data_batch_2.bin")
    #expect(error?.offset == 6146)
    #expect(error?.value == "label 10")
    #expect(error?.rule == "must lie between 0 and 9")
  }

  @Test func damagedFoldersThrow() throws {
    let folder = try Folder()
    var refused = 0
    for variant in 0..<120 {
      try write(files, to: folder)
      let file = files[variant % files.count]
      var bytes = file.bytes
      switch variant / files.count % 4 {
      case 0: bytes.removeLast(1 + variant * 37 % (bytes.count - 1))
      case 1: bytes += Fixtures.bytes(1 + variant * 53, seed: variant)
      case 2: bytes[variant % layout.records(in: file.name) * 3073] = UInt8(10 + variant)
      default: bytes = []
      }
      try folder.write(file.name, bytes)
      refused += expectError { try CIFARReader.read(folder: folder.path, layout) }
    }
    #expect(refused == 120)
    try write(files, to: folder)
    try FileManager.default.removeItem(atPath: "\(folder.path)/data_batch_4.bin")
    #expect(expectError { try CIFARReader.read(folder: folder.path, layout) } == 1)
  }

  @Test func damagedArchivesThrow() throws {
    let folder = try Folder()
    let whole = try folder.gzipped(Fixtures.tar(members()))
    var refused = 0
    for variant in 0..<200 {
      var bytes = whole
      // The first ten bytes hold a time and flags that no checksum covers.
      let place = 10 + variant * 104_729 % (whole.count - 10)
      if variant % 2 == 0 { bytes[place] ^= 0xFF } else { bytes.removeSubrange(place...) }
      let path = try folder.write("damaged.tar.gz", bytes)
      refused += expectError { try CIFARReader.read(archive: path, layout) }
    }
    #expect(refused == 200)
  }

  @Test func checksumBehindThePaddingIsChecked() throws {
    let folder = try Folder()
    let padding = [UInt8](repeating: 0, count: 1 << 20)
    let whole = try folder.gzipped(Fixtures.tar(members()) + padding)
    let path = try folder.write("padded.tar.gz", whole)
    #expect(try CIFARReader.read(archive: path, layout).train.count == 15)
    for fromEnd in 1...8 {
      var bytes = whole
      bytes[bytes.count - fromEnd] ^= 0xFF
      try folder.write("padded.tar.gz", bytes)
      #expect(expectError { try CIFARReader.read(archive: path, layout) } == 1)
    }
  }

  @Test func damagedTarHeadersThrow() throws {
    let folder = try Folder()
    let whole = Fixtures.tar(members())
    var refused = 0
    // The end of the checksum's own field (154, 155) is padding.
    let places = (0..<512).filter { $0 % 5 == 0 && $0 != 155 }
    for place in places {
      var bytes = whole
      bytes[place] ^= 0xFF
      let path = try folder.write("damaged.tar", bytes)
      refused += expectError { try CIFARReader.read(archive: path, layout) }
    }
    #expect(refused == places.count)
  }

  @Test func absurdSizesAreRefusedBeforeMemoryIsTaken() throws {
    let folder = try Folder()
    let name = "\(layout.folder)/data_batch_1.bin"
    for size in ["77777777777", "0", "22012"] {
      let path = try folder.write("absurd.tar", Fixtures.tarHeader(name, size: size))
      let error = #expect(throws: DatasetError.self) {
        try CIFARReader.read(archive: path, layout)
      }
      #expect(error?.rule == "must have 9219 (3 records of 3073)")
    }
  }

  @Test func archivesWithoutTheMembersAreRefused() throws {
    let folder = try Folder()
    let cases: [(rule: String, members: [(name: String, bytes: [UInt8])])] = [
      ("must be cifar-10-binary.tar.gz", [("other/readme", [1, 2, 3])]),
      ("must be cifar-10-binary.tar.gz", Array(members().dropLast())),
      ("must be in the archive once, as a file", members() + members().prefix(1)),
    ]
    for (rule, members) in cases {
      let path = try folder.write("wrong.tar", Fixtures.tar(members))
      let error = #expect(throws: DatasetError.self) {
        try CIFARReader.read(archive: path, layout)
      }
      #expect(error?.rule == rule)
    }
  }

  /// 1 where reading throws an error that names a file.
  private func expectError(_ read: () throws -> (train: ImageSet, test: ImageSet)) -> Int {
    do {
      _ = try read()
      return 0
    } catch {
      return (error as? DatasetError)?.file.isEmpty == false ? 1 : 0
    }
  }
}
