// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelZoo
import Settings
import Weights

@testable import Datasets
@testable import ExperimentRunner
@testable import Pictures
@testable import Records

/// What reads files that come from elsewhere. A reader may refuse whatever it is given; it may not
/// crash, hang, or take memory out of proportion.
enum Reader: String, CaseIterable {
  case experiment, network, idx, cifar, gzip, tar, picture, exif, weights, run, checkpoint, record

  func read(_ bytes: [UInt8]) {
    do {
      try tryToRead(bytes)
    } catch {
      // A sentence is all that a bad file gets.
      precondition(!"\(error)".isEmpty, "an error without words")
    }
  }

  private func tryToRead(_ bytes: [UInt8]) throws {
    switch self {
    case .experiment:
      let json = try JSON(text: String(decoding: bytes, as: UTF8.self), source: "file")
      _ = try Experiment(json, name: "fuzz", source: "file")
    case .network:
      let json = try JSON(text: String(decoding: bytes, as: UTF8.self), source: "file")
      _ = try NetworkDescription(json, source: "file", path: "network")
    case .picture: _ = try Picture(bytes: bytes, name: "picture")
    case .exif: _ = Exif.orientation(in: bytes[...])
    case .idx: try readIDX(bytes)
    case .cifar: try readCIFAR(bytes)
    case .gzip: _ = try CompressedFile(path: Scratch.write(bytes)).drain()
    case .tar: try readTar(bytes)
    case .weights: try readWeights(bytes)
    case .run: _ = try RunRecord(contentsOf: Scratch.write(bytes + FileSeal.of(bytes)))
    case .checkpoint: _ = try Checkpoint(contentsOf: Scratch.write(bytes + FileSeal.of(bytes)))
    case .record: _ = try ExperimentRecord(contentsOf: Scratch.write(bytes))
    }
  }

  /// Two images of 2×2, so that small files get as far as large ones.
  private func readIDX(_ bytes: [UInt8]) throws {
    let layout = IDXLayout(
      folders: [], trainRecords: 2, testRecords: 2,
      size: ImageSize(height: 2, width: 2, channels: 1), classNames: ["a", "b"])
    let images = try Scratch.write(bytes)
    let labels = try Scratch.write([0, 0, 8, 1, 0, 0, 0, 2, 0, 1], "labels")
    _ = try IDXReader.read(images: images, labels: labels, count: 2, layout)
    _ = try IDXReader.read(images: labels, labels: images, count: 2, layout)
  }

  private static let small = CIFARLayout(
    folder: "c", archive: "c.tar.gz", trainFiles: ["a"], testFile: "b", trainRecords: 1,
    testRecords: 1, labels: [CIFARLayout.Label(name: "label", classes: 10)],
    classNames: (0..<10).map(String.init))

  private func readCIFAR(_ bytes: [UInt8]) throws {
    _ = try CIFARReader.read(archive: Scratch.write(bytes), Self.small)
  }

  private func readTar(_ bytes: [UInt8]) throws {
    let archive = try TarFile(path: Scratch.write(bytes))
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while let member = try archive.next() {
      let source = archive.bytes(of: member)
      while try source.read(into: &buffer, count: buffer.count) == buffer.count {}
    }
  }

  /// As the child process reads them whose crash is an error of the file: what crashes here inside
  /// HDF5 is no finding, and whatever else does is one.
  private func readWeights(_ bytes: [UInt8]) throws {
    let file = try WeightFile(Scratch.write(bytes), reading: .here)
    try file.read(where: { _ in true }) { _, _ in }
  }
}

/// Files in memory, each written over for every input.
enum Scratch {
  private static let folder: String = {
    let memory = "/dev/shm"
    let place = access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
    let folder = "\(place)/continuum-fuzz-\(getpid())"
    mkdir(folder, 0o700)
    atexit { try? FileManager.default.removeItem(atPath: Scratch.folder) }
    return folder
  }()

  static func write(_ bytes: [UInt8], _ name: String = "input") throws -> String {
    let path = "\(folder)/\(name)"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
      fatalError("\(path) cannot be written")
    }
    close(file)
    return path
  }
}
