// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels
import ModelZoo
import RandomStreams
import Settings
import TestSupport
import Testing

@testable import Training

/// Convolutions that begin as the identity, and stems that begin by whitening.
@Suite struct FirstWeightsTests {
  // MARK: The identity

  private static func begun(_ graph: Graph) throws -> (before: ParameterMemory, ParameterMemory) {
    let (before, after) = (try ParameterMemory(graph), try ParameterMemory(graph))
    for memory in [before, after] { memory.initialize(seed: 5, kernels: .heNormal) }
    IdentityInitialization.apply(to: after, of: graph)
    return (before, after)
  }

  /// The twins say that the first filters give back their channels, exactly: full, segmented, unequal
  /// and depthwise ones, and all in a row.
  @Test func whatBeginsAsTheIdentityIsTheIdentity() throws {
    var builder = GraphBuilder("test", input: Shape(height: 6, width: 5, channels: 4))
    let whole = builder.conv2D(builder.input, "whole", filters: 6, kernel: 3)
    let parts = [(2, 3), (3, 3), (1, 2)].map { Convolution.Segment(input: $0.0, output: $0.1) }
    let unequal = builder.segmentedConv2D(whole, "unequal", segments: parts, kernel: 5)
    let spatial = builder.depthwiseConv2D(unequal, "spatial", kernel: 3, multiplier: 2)
    let mixed = builder.conv2D(spatial, "mixed", filters: 16, kernel: 1)
    let graph = try builder.finish(mixed)
    let (_, memory) = try Self.begun(graph)
    var twin = ReferenceExecutor<Double>(
      graph, batch: 2,
      parameters: graph.parameters.indices.map { memory.value($0).array.map { Double($0) } },
      isTraining: false)
    let images: [Float] = RealData.normal(2 * 6 * 5 * 4, "images")
    let targets = [Double](repeating: 0, count: 2 * graph.outputShape.channels)
    let outputs = twin.run(images: images.map { Double($0) }, targets: targets).outputs
    func channel(_ node: Int, _ channel: Int) -> [Double] {
      let channels = graph.nodes[node].output.channels
      return stride(from: channel, to: outputs[node].count, by: channels).map { outputs[node][$0] }
    }
    for index in 0..<4 { #expect(channel(1, index) == channel(0, index)) }
    // Filters 0 and 1 of the segment 0…1, filters 3 to 5 of 2…4, filter 6 of 5.
    for (filter, source) in [(0, 0), (1, 1), (3, 2), (4, 3), (5, 4), (6, 5)] {
      #expect(channel(2, filter) == channel(1, source))
    }
    for index in 0..<8 { #expect(channel(3, 2 * index) == channel(2, index)) }
    for index in 0..<16 { #expect(channel(4, index) == channel(3, index)) }
    #expect(channel(2, 2) != channel(1, 0))
  }

  /// Fewer filters than channels, and windows without a middle, stay as they were drawn; so do the
  /// filters beyond the channels, and whatever is no convolution.
  @Test func whatCannotBeTheIdentityStaysAsDrawn() throws {
    var builder = GraphBuilder("test", input: Shape(height: 6, width: 5, channels: 4))
    let narrow = builder.conv2D(builder.input, "narrow", filters: 3, kernel: 3)
    let even = builder.conv2D(narrow, "even", filters: 3, kernel: 2)
    let wide = builder.conv2D(even, "wide", filters: 5, kernel: 3)
    let pooled = builder.globalAveragePool(wide, "pool")
    let logits = builder.dense(pooled, "dense", units: 7)
    let graph = try builder.finish(logits)
    let (before, after) = try Self.begun(graph)
    for path in ["narrow/kernel", "even/kernel", "dense/kernel", "dense/bias"] {
      #expect(before[path] == after[path], "\(path)")
    }
    let (old, new) = (try #require(before["wide/kernel"]), try #require(after["wide/kernel"]))
    for row in 0..<27 {
      #expect(new[row * 5 + 3..<row * 5 + 5] == old[row * 5 + 3..<row * 5 + 5])
      #expect(new[row * 5..<row * 5 + 3] != old[row * 5..<row * 5 + 3])
    }
  }

  // MARK: Eigenvectors

  @Test(arguments: [1, 2, 5, 27])
  func eigenvectorsAreWhatTheyAre(_ size: Int) {
    let numbers: [Float] = RealData.normal(size * size, "factor")
    let factor = numbers.map { Double($0) }
    let matrix = (0..<size).map { row in
      (0..<size).map { column in
        (0..<size).reduce(0) { $0 + factor[row * size + $1] * factor[column * size + $1] }
      }
    }
    let eigen = SymmetricEigenvectors(matrix)
    #expect(eigen.values == eigen.values.sorted(by: >))
    for first in 0..<size {
      let vector = eigen.vectors[first]
      let image = matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      for (value, entry) in zip(image, vector) {
        #expect(abs(value - eigen.values[first] * entry) < 1e-11 * eigen.values[0])
      }
      for second in 0...first {
        let product = zip(vector, eigen.vectors[second]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (first == second ? 1 : 0)) < 1e-12)
      }
      #expect((vector.max() ?? 0) >= -(vector.min() ?? 0))
    }
  }

  @Test func diagonalAndEmptyMatricesHaveTheirOwn() {
    let eigen = SymmetricEigenvectors([[2, 0, 0], [0, 7, 0], [0, 0, 0]])
    #expect(eigen.values == [7, 2, 0])
    #expect(eigen.vectors == [[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    #expect(SymmetricEigenvectors([]).values == [])
  }

  // MARK: Whitening

  private static func whitened(
    filters: Int, kernel: Int = 3, threads: Int = 1
  ) throws -> (graph: Graph, before: [Float], after: [Float], data: DatasetSplits) {
    let size = TinyTask.size
    var builder = GraphBuilder(
      "test", input: Shape(height: size.height, width: size.width, channels: size.channels))
    let stem = builder.conv2D(
      builder.input, "stem", filters: filters, kernel: Extent(kernel), bias: true)
    let pooled = builder.globalAveragePool(stem, "pool")
    let graph = try builder.finish(pooled)
    let memory = try ParameterMemory(graph)
    memory.initialize(seed: 1, kernels: .glorotUniform)
    let before = try #require(memory["stem/kernel"])
    let data = TinyTask.splits(train: 40)
    let reader = BatchReader(
      set: data.train, standardization: Standardization(of: data.train), augmentation: nil, seed: 1)
    try WhiteningInitialization.apply(
      to: memory, of: graph, reader: reader, pool: ThreadPool(threads: threads))
    return (graph, before, try #require(memory["stem/kernel"]), data)
  }

  /// All patches of the training images, one by one: [patch][value].
  private static func patches(_ data: DatasetSplits, kernel: Int) throws -> [[Double]] {
    let (size, set) = (TinyTask.size, data.train)
    let reader = BatchReader(
      set: set, standardization: Standardization(of: set), augmentation: nil, seed: 9)
    var images = [Float](repeating: 0, count: set.count * size.count)
    var labels = [Int](repeating: 0, count: set.count)
    try reader.read(Array(0..<set.count)[...], epoch: 4, into: &images, labels: &labels)
    var patches: [[Double]] = []
    for image in 0..<set.count {
      for top in 0...size.height - kernel {
        for left in 0...size.width - kernel {
          var patch: [Double] = []
          for y in 0..<kernel {
            for x in 0..<kernel {
              for channel in 0..<size.channels {
                let row = (image * size.height + top + y) * size.width + left + x
                patch.append(Double(images[row * size.channels + channel]))
              }
            }
          }
          patches.append(patch)
        }
      }
    }
    return patches
  }

  /// What a filter answers to patches has the second moment λ/(λ + ε), nearly 1; answers of filters of
  /// different pairs are uncorrelated; the second of a pair is the negative of the first.
  @Test func answersOfAWhitenedStemAreUncorrelatedAndOfOneSize() throws {
    let (_, before, after, data) = try Self.whitened(filters: 60)
    let patches = try Self.patches(data, kernel: 3)
    #expect(patches.count == 40 * 4 * 3)
    let answers = patches.map { patch in
      (0..<60).map { filter in
        patch.indices.reduce(0) { $0 + patch[$1] * Double(after[$1 * 60 + filter]) }
      }
    }
    func moment(_ first: Int, _ second: Int) -> Double {
      answers.reduce(0) { $0 + $1[first] * $1[second] } / Double(patches.count)
    }
    for pair in 0..<27 {
      let (plus, minus) = (2 * pair, 2 * pair + 1)
      let isNegative = (0..<27).allSatisfy { after[$0 * 60 + plus] == -after[$0 * 60 + minus] }
      #expect(isNegative)
      #expect((0.9...1).contains(moment(plus, plus)))
      for other in 0..<pair { #expect(abs(moment(plus, 2 * other)) < 1e-4) }
    }
    // 60 filters for 27 pairs: six stay.
    for row in 0..<27 {
      let others = row * 60 + 54..<row * 60 + 60
      #expect(after[others] == before[others])
    }
  }

  /// Few filters see the directions in which patches differ most.
  @Test func fewFiltersTakeTheLargestEigenvalues() throws {
    let few = try Self.whitened(filters: 5).after
    let all = try Self.whitened(filters: 54, threads: 3).after
    for row in 0..<27 { #expect(few[row * 5..<row * 5 + 5] == all[row * 54..<row * 54 + 5]) }
    let lengths = (0..<27).map { pair -> Float in
      var sum: Float = 0
      for row in 0..<27 {
        let entry = all[row * 54 + 2 * pair]
        sum += entry * entry
      }
      return sum
    }
    // 1/(λ + ε): rising where λ falls.
    #expect(zip(lengths, lengths.dropFirst()).allSatisfy { $0 <= $1 * 1.000_01 })
  }

  /// All but the one whose first convolution is a separable one.
  @Test func zooNetworksCanBeginByWhitening() throws {
    for network in NetworkZoo.all {
      let description = try NetworkDescription(["network": .string(network.key)], source: "test")
      let graph = try description.graph(input: description.usualInput, classes: 10)
      guard network.key == "xception-vgg-style" else {
        try graph.checkWhitening()
        continue
      }
      let error = #expect(throws: GraphError.self) { try graph.checkWhitening() }
      #expect(
        error?.rule == "the images must be read by one convolution, not by "
          + "block1/separable1/depthwise (depthwise convolution)")
    }
  }

  @Test func whatIsNoConvolutionCannotWhiten() throws {
    var builder = GraphBuilder("test", input: Shape(height: 6, width: 5, channels: 3))
    let pooled = builder.globalAveragePool(builder.input, "pool")
    let logits = builder.dense(pooled, "dense", units: 4)
    let graph = try builder.finish(logits)
    let error = #expect(throws: TrainingError.self) {
      try Trainer(
        graph, data: TinyTask.splits(), standardization: nil, augmentation: nil,
        settings: TinyTask.settings(["batch": 8, "whiteningStem": true]), seed: 0, threads: 1)
    }
    #expect(
      error?.description
        == "training.whiteningStem cannot be: the images must be read by one convolution, not by "
        + "pool (global average-pool)")
    var large = GraphBuilder("test", input: Shape(height: 6, width: 5, channels: 3))
    let wide = large.conv2D(large.input, "wide", filters: 4, kernel: 7)
    let mean = large.globalAveragePool(wide, "pool")
    let stem = try large.finish(mean)
    let rule = #expect(throws: GraphError.self) { try stem.checkWhitening() }
    #expect(rule?.rule == "the window 7×7 of wide is larger than an image")
  }
}
