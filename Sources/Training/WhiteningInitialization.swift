// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Kernels

/// A first convolution that begins by whitening what it sees.
///
/// The patches of training images under its window have a matrix of second moments, with eigenvectors
/// v and eigenvalues λ, the largest first. The filters begin as +v/√(λ + ε), −v/√(λ + ε), a pair for
/// every eigenvector as far as the filters go: their answers to patches are uncorrelated and of
/// one size, and behind a ReLU no sign is lost. Filters beyond the last pair stay as they were drawn.
///
/// Source: D. Page, "How to Train Your ResNet 8: Bag of Tricks", 2019; K. Jordan, "94 % on CIFAR-10 in
/// 3.29 Seconds on a Single GPU", 2024, section 3.2 (5,000 images, ε = 5e-4).
/// Differs from the sources: the filters go on learning. Frozen ones would not count among the
/// trainable parameters, by which arms are matched.
enum WhiteningInitialization {
  static let epsilon = 5e-4
  /// Images that are looked at, in the order of the set.
  static let images = 5000
  /// Products of two values of a patch that are summed at most; large images or windows look at fewer
  /// images, but one at least.
  static let products = 20_000_000_000

  /// Writes the filters of the network's first convolution.
  ///
  /// - Throws: where the network does not begin with one, or no window fits into an image; where a
  ///   picture cannot be decoded, or memory is not to be had.
  static func apply(
    to parameters: ParameterMemory, of graph: Graph, reader: BatchReader, pool: ThreadPool
  ) throws(TrainingError) {
    let position: Int, stem: Convolution
    do {
      (position, stem) = try graph.whitenedStem()
    } catch {
      throw .cannotWhiten(error)
    }
    let size = reader.set.size
    var patches: PatchMoments
    do {
      patches = try PatchMoments(window: stem.kernel, size: size, pool: pool)
    } catch {
      throw .outOfMemory(bytes: error.bytes)
    }
    let work = PatchMoments.perImage(stem.kernel, size) * patches.length * patches.length
    let count = min(reader.set.count, images, max(1, products / max(work, 1)))
    var (values, labels) = ([Float](repeating: 0, count: size.count), [0])
    for image in 0..<count {
      do {
        try reader.read([image], epoch: 0, into: &values, labels: &labels)
      } catch {
        throw .unreadableImage(error)
      }
      patches.add(values)
    }
    let kernel = parameters.value(position)
    kernel.copy(from: whitened(kernel.array, patches.moments))
  }

  /// A kernel [a patch's values, filters] with its first filters as the moments say.
  static func whitened(_ kernel: [Float], _ moments: [[Double]]) -> [Float] {
    let eigen = SymmetricEigenvectors(moments)
    let filters = kernel.count / moments.count
    var kernel = kernel
    for filter in 0..<min(filters, 2 * moments.count) {
      let size = (max(eigen.values[filter / 2], 0) + epsilon).squareRoot()
      let scale = (filter % 2 == 0 ? 1 : -1) / size
      for (index, entry) in eigen.vectors[filter / 2].enumerated() {
        kernel[index * filters + filter] = Float(scale * entry)
      }
    }
    return kernel
  }
}

extension Graph {
  /// The convolution that reads the images, and the position of its kernel.
  ///
  /// - Throws: where something else reads them, or its window does not fit into them.
  func whitenedStem() throws(GraphError) -> (kernel: Int, op: Convolution) {
    let first = readers[input.index].map { nodes[$0] }
    guard first.count == 1, let op = first[0].op as? Convolution, op.segments.count == 1,
      let kernel = first[0].parameters.first
    else {
      let names = first.map { "\($0.name) (\($0.op.kind))" }.joined(separator: " and ")
      throw GraphError(rule: "the images must be read by one convolution, not by \(names)")
    }
    guard op.kernel.height <= inputShape.height, op.kernel.width <= inputShape.width else {
      throw GraphError(rule: "the window \(op.kernel) of \(first[0].name) is larger than an image")
    }
    return (kernel, op)
  }

  /// Checks that the first convolution can begin by whitening.
  ///
  /// - Throws: what stands in the way, as its rule.
  public func checkWhitening() throws(GraphError) { _ = try whitenedStem() }
}

/// The mean products of every two values of a patch, over all whole patches of some images.
///
/// Products of the patches of an image are summed in Float by OpenBLAS, images in Double.
struct PatchMoments {
  private let window: Extent
  private let size: ImageSize
  private let pool: ThreadPool
  /// The patches of a row [patches, a patch's values], and the products of an image.
  private let row: AlignedMemory
  private let products: AlignedMemory
  private var sums: [Double]
  private var count = 0

  /// Values of a patch [height, width, channels].
  let length: Int

  init(window: Extent, size: ImageSize, pool: ThreadPool) throws(OutOfMemory) {
    (self.window, self.size, self.pool) = (window, size, pool)
    length = window.count * size.channels
    row = try AlignedMemory(count: (size.width - window.width + 1) * length)
    products = try AlignedMemory(count: length * length)
    sums = Array(repeating: 0, count: length * length)
  }

  /// Patches of one image.
  static func perImage(_ window: Extent, _ size: ImageSize) -> Int {
    (size.height - window.height + 1) * (size.width - window.width + 1)
  }

  /// Adds the patches of one image [height, width, channels].
  mutating func add(_ image: [Float]) {
    let patches = size.width - window.width + 1
    for top in 0...size.height - window.height {
      row.buffer.copy(from: patchesOfRow(image, top))
      MatrixKernel.multiply(
        row.buffer, row.buffer, into: products.buffer, rows: length, inner: patches,
        columns: length, transposeA: true, accumulate: top > 0, pool: pool)
    }
    for (index, product) in products.buffer.array.enumerated() { sums[index] += Double(product) }
    count += Self.perImage(window, size)
  }

  /// The patches whose uppermost row is `top`, from left to right.
  private func patchesOfRow(_ image: [Float], _ top: Int) -> [Float] {
    var patches: [Float] = []
    patches.reserveCapacity(row.buffer.count)
    let width = window.width * size.channels
    for left in 0...size.width - window.width {
      for y in top..<top + window.height {
        let from = (y * size.width + left) * size.channels
        patches.append(contentsOf: image[from..<from + width])
      }
    }
    return patches
  }

  /// Symmetric.
  var moments: [[Double]] {
    (0..<length).map { first in
      (0..<length).map { sums[max(first, $0) * length + min(first, $0)] / Double(count) }
    }
  }
}
