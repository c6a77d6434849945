// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Testing

@testable import Weights

/// Files that people take for weights: the refusal says what they are.
@Suite struct ForeignFormTests {
  @Test(
    arguments: [
      (Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n".utf8), "Git LFS"),
      (Array("\n<!DOCTYPE html><html><body>404</body></html>".utf8), "a web page in HTML"),
      (Array("<?xml version=\"1.0\"?><Error>".utf8), "is XML"),
      (Array("model_checkpoint_path: \"model.ckpt-1\"\n".utf8), "TensorFlow checkpoint"),
      (Array("{\"class_name\": \"Sequential\"}".utf8), "is JSON"),
      ([0x80, 2, 0x8A, 0x0A, 0x6C], "PyTorch"),
      ([0x40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\":{\"dtype\":\"F32\"".utf8), "safetensors"),
      ([0x93] + Array("NUMPY".utf8), "NumPy"), ([0x1F, 0x8B, 8, 0], "gzipped"), ([], "is empty"),
      ([0x1C, 0, 0, 0] + Array("TFL3".utf8), "TensorFlow Lite"), ([8, 1, 0x12, 9], "SavedModel"),
      ([8, 7, 0x12, 9], "ONNX"),
      (
        [UInt8](repeating: 1, count: 40) + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB],
        "TensorFlow checkpoint"
      ),
    ] as [([UInt8], String)])
  func isNamed(bytes: [UInt8], name: String) throws {
    let folder = try ScratchFolder()
    let path = folder.file("weights.h5")
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: WeightError.self) { try WeightFile(path) }
    #expect(error?.file == path && error?.rule.contains(name) == true, "\(error?.rule ?? "")")
  }

  @Test func foldersAndNamesOfSeveralFilesAreNamed() throws {
    let folder = try ScratchFolder()
    for name in ["model/saved_model.pb", "ckpt.index"] {
      let url = URL(fileURLWithPath: folder.file(name))
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data([0]).write(to: url)
    }
    for (name, rule) in [("model", "is a SavedModel"), ("ckpt", "TensorFlow checkpoint")] {
      let error = #expect(throws: WeightError.self) { try WeightFile(folder.file(name)) }
      #expect(error?.rule.contains(rule) == true, "\(error?.rule ?? "")")
    }
  }

  @Test func membersOfArchivesTell() {
    #expect(ForeignForm.rule(forMember: "archive/data.pkl")?.contains("PyTorch") == true)
    #expect(ForeignForm.rule(forMember: "w/kernel.npy")?.contains("NumPy") == true)
    #expect(ForeignForm.rule(forMember: "model.weights.h5") == nil)
  }

  @Test func backslashesInNamesAreNamed() throws {
    let folder = try ScratchFolder()
    try HDF5File.write(to: folder.file("w.weights.h5")) { (root) throws(RecordError) in
      try root.makeGroup("layers\\conv2d\\vars")
    }
    let error = #expect(throws: WeightError.self) { try WeightFile(folder.file("w.weights.h5")) }
    #expect(error?.rule.contains("has backslashes in its name") == true, "\(error?.rule ?? "")")
  }

  /// A file of weights alone says that a layer is there, and nothing else of it.
  @Test(arguments: [
    ("rescaling", "rescales images by numbers"), ("leaky_re_lu_1", "which net does not have"),
    ("max_pooling2d", "which net does not have"), ("re_lu", nil), ("dropout_2", nil),
  ])
  func layersWithoutArraysCount(key: String, rule: String?) throws {
    let graph = try ModelConfiguration.graph()
    let known = try Fixtures.filled(graph)
    let folder = try ScratchFolder()
    let path = folder.file("net.weights.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.makeGroup("layers/\(key)/vars")
      for (layer, numbers) in [("conv2d", 0..<1), ("batch_normalization", 1..<5), ("dense", 5..<7)]
      {
        for (index, number) in numbers.enumerated() {
          try root.write(
            known.numbers[number], shape: graph.parameters[number].shape,
            to: "layers/\(layer)/vars/\(index)")
        }
      }
    }
    let memory = try ParameterMemory(graph)
    if let rule {
      let error = #expect(throws: WeightError.self) {
        try WeightFile(path).load(into: memory, of: graph)
      }
      #expect(error?.rule.contains(rule) == true, "\(error?.rule ?? "")")
    } else {
      _ = try WeightFile(path).load(into: memory, of: graph)
      #expect(memory.numbers == known.numbers)
    }
  }

  /// A model inside a model counts its layers by itself.
  @Test func keysAreCountedOverAllModels() {
    func layer(_ path: [String], _ shape: [Int]) -> LayerKeys.Layer {
      LayerKeys.Layer(path: path, shapes: shape.isEmpty ? [] : [shape])
    }
    let keys = LayerKeys([
      layer(["dense"], [8, 5]), layer(["functional"], []), layer(["functional", "dense"], [4, 8]),
      layer(["functional", "conv2d_1"], [3]), layer(["functional", "conv2d"], [2]),
    ])
    #expect(keys.doubt == nil)
    #expect(keys.keys[["functional", "dense"]] == "dense" && keys.keys[["dense"]] == "dense_1")
    #expect(keys.keys[["functional", "conv2d_1"]] == "conv2d_1")
    let same = LayerKeys([layer(["dense"], [8, 8]), layer(["functional", "dense"], [8, 8])])
    #expect(same.doubt?.contains("dense") == true)
  }
}
