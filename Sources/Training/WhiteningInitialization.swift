import Datasets
import Engine

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
  static let products = 4_000_000_000

  /// Writes the filters of the network's first convolution.
  ///
  /// - Throws: where the network does not begin with one, or no window fits into an image; where a
  ///   picture cannot be decoded.
  static func apply(
    to parameters: ParameterMemory, of graph: Graph, reader: BatchReader
  ) throws(TrainingError) {
    let position: Int, stem: Convolution
    do {
      (position, stem) = try graph.whitenedStem()
    } catch {
      throw .cannotWhiten(error)
    }
    var patches = PatchMoments(window: stem.kernel, size: reader.set.size)
    let work = patches.perImage * patches.length * patches.length
    let count = min(reader.set.count, images, max(1, products / max(work, 1)))
    var (values, labels) = ([Float](repeating: 0, count: reader.set.size.count), [0])
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
struct PatchMoments {
  private let window: Extent
  private let size: ImageSize
  private var sums: [Double]
  private var count = 0

  /// Patches of one image, and values of a patch [height, width, channels].
  let perImage: Int
  let length: Int

  init(window: Extent, size: ImageSize) {
    (self.window, self.size) = (window, size)
    perImage = (size.height - window.height + 1) * (size.width - window.width + 1)
    length = window.count * size.channels
    sums = Array(repeating: 0, count: length * length)
  }

  /// Adds the patches of one image [height, width, channels].
  mutating func add(_ image: [Float]) {
    var patch = [Double](repeating: 0, count: length)
    let rowCount = window.width * size.channels
    for y in 0...size.height - window.height {
      for x in 0...size.width - window.width {
        for row in 0..<window.height {
          let from = ((y + row) * size.width + x) * size.channels
          for index in 0..<rowCount {
            patch[row * rowCount + index] = Double(image[from + index])
          }
        }
        addProducts(of: patch)
      }
    }
    count += perImage
  }

  private mutating func addProducts(of patch: [Double]) {
    let (values, length) = (patch.span, length)
    var sums = self.sums.mutableSpan
    for first in 0..<length {
      let value = values[first]
      let row = first * length
      for second in 0...first { sums[row + second] += value * values[second] }
    }
  }

  /// Symmetric.
  var moments: [[Double]] {
    (0..<length).map { first in
      (0..<length).map { sums[max(first, $0) * length + min(first, $0)] / Double(count) }
    }
  }
}
