// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// Files that people take for weights, told by how they begin, so that the refusal says what they are.
enum ForeignForm {
  private static let read =
    "weights are read from Keras' .h5, .weights.h5 and .keras, and from ours"

  /// What a file is that is neither HDF5 nor a ZIP archive; nil where it may be one of these, or
  /// nothing is known.
  static func rule(for path: String) -> String? {
    if let rule = folderRule(path) { return rule }
    // Of a pipe or a device nothing is read: it may give nothing, or for ever.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let type =
      try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
    guard type == .typeRegular, let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let size = try? file.seekToEnd(), (try? file.seek(toOffset: 0)) != nil else { return nil }
    guard size > 0 else { return "is empty; \(read)" }
    guard let bytes = try? file.read(upToCount: 512) else { return nil }
    let start = [UInt8](bytes)
    return textRule(String(decoding: start, as: UTF8.self)) ?? binaryRule(start)
      ?? (isTable(file) ? checkpoint : nil)
  }

  private static let checkpoint =
    "is part of a TensorFlow checkpoint; load it in TensorFlow and save it as .weights.h5; \(read)"

  /// A path that is no file: a SavedModel is a folder, a checkpoint a name that several begin with.
  private static func folderRule(_ path: String) -> String? {
    let files = FileManager.default
    if files.fileExists(atPath: "\(path)/saved_model.pb") {
      return "is a SavedModel, a folder of TensorFlow's; load it in Keras and save it as .keras; "
        + read
    }
    let isCheckpoint = !files.fileExists(atPath: path) && files.fileExists(atPath: "\(path).index")
    return isCheckpoint ? checkpoint : nil
  }

  private static func textRule(_ start: String) -> String? {
    if let mistaken = MistakenFile.description(of: start.utf8) { return mistaken }
    let text = start.drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
    if text.hasPrefix("<?xml") || text.hasPrefix("<error") {
      return "is XML, as a failed download leaves it; download the file again"
    }
    if text.hasPrefix("model_checkpoint_path:") { return checkpoint }
    if text.hasPrefix("{") { return "is JSON, which holds no weights; \(read)" }
    return nil
  }

  private static func binaryRule(_ start: [UInt8]) -> String? {
    func begins(_ bytes: [UInt8], at position: Int = 0) -> Bool {
      start.dropFirst(position).starts(with: bytes)
    }
    // A pickle's protocol is 2 to 5.
    if start.count > 2, start[0] == 0x80, (2...5).contains(start[1]) {
      return "is a Python pickle, as PyTorch writes; weights of PyTorch are not read; \(read)"
    }
    if begins(Array("TFL3".utf8), at: 4) { return "is a TensorFlow Lite model; \(read)" }
    if begins(Array("{\"".utf8), at: 8), start[3..<8].allSatisfy({ $0 == 0 }) {
      return "is a safetensors file, which is not read; \(read)"
    }
    if begins([0x93] + Array("NUMPY".utf8)) { return "is an array of NumPy's; \(read)" }
    if begins([0x1F, 0x8B]) { return "is gzipped; gunzip it first" }
    if begins([0x08, 0x01, 0x12]) {
      return "is the graph of a SavedModel; load its folder in Keras and save it as .keras; \(read)"
    }
    if start.count > 2, start[0] == 0x08, (3...15).contains(start[1]), start[2] == 0x12 {
      return "is an ONNX model, which is not read; \(read)"
    }
    return nil
  }

  /// Whether a file ends as LevelDB's tables do, and with them the index of a checkpoint.
  private static func isTable(_ file: FileHandle) -> Bool {
    let mark: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
    guard let end = try? file.seekToEnd(), end >= 8, (try? file.seek(toOffset: end - 8)) != nil,
      let bytes = try? file.read(upToCount: 8)
    else { return false }
    return [UInt8](bytes) == mark
  }

  /// What a ZIP archive is, by one of its members; nil where it does not say.
  static func rule(forMember name: String) -> String? {
    if name.hasSuffix("/data.pkl") || name == "data.pkl" {
      return "is a file of PyTorch (a ZIP archive with \(printable(name))), whose weights are not "
        + "read; \(read)"
    }
    if name.hasSuffix(".npy") {
      return "is an archive of NumPy's arrays (with \(printable(name))); \(read)"
    }
    if name.hasSuffix("saved_model.pb") {
      return "is a zipped SavedModel; load it in Keras and save it as .keras; \(read)"
    }
    return nil
  }
}
