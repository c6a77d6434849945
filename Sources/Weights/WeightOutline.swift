// SPDX-License-Identifier: Apache-2.0

/// What is in a weight file: layers and arrays with their shapes, without the numbers.
public struct WeightOutline: Codable, Equatable, Sendable {
  /// The kinds of weight file that are read.
  public enum Format: String, Codable, Sendable, CaseIterable {
    /// Our own, `continuum-weights/1`.
    case continuum = "continuum"
    /// The weights that a run file keeps, `continuum-run/1`.
    case run = "continuum-run"
    /// `save_weights` of Keras 0: layers and arrays by number.
    case kerasNumbered = "keras-0"
    /// `save_weights` of Keras 1 and 2.
    case kerasLegacy = "keras-legacy"
    /// `save` of Keras 1 to 3 as HDF5: `model_weights` beside the optimiser's.
    case kerasLegacyModel = "keras-legacy-model"
    /// `.weights.h5` of Keras 3, and of Keras 2 since 2.12.
    case kerasV3 = "keras-v3"
    /// `.keras`, a ZIP archive around the former.
    case kerasArchive = "keras-archive"
    /// No weights: a single array of any HDF5 file, see `ForeignArray`.
    case array = "array"
  }

  /// One array.
  public struct Array: Codable, Equatable, Sendable {
    /// As in the file: `conv1/kernel:0`, `0`, `kernel`.
    public var name: String
    public var shape: [Int]

    public init(name: String, shape: [Int]) {
      self.name = name
      self.shape = shape
    }

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }

    /// Whether that number is one that memory could hold; of others no outline is made.
    var isCountable: Bool {
      var count = 1
      return shape.allSatisfy { extent in
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        count = product
        return extent >= 0 && !overflow && product <= 1 << 34
      }
    }
  }

  /// A layer, in the sense of whoever wrote the file.
  public struct Layer: Codable, Equatable, Sendable {
    public var name: String
    /// Class and counter, `conv2d_1`, by which a file finds its layer where it keeps no order.
    public var key: String?
    /// The model inside the model that it belongs to, where there is one.
    public var model: String?
    public var arrays: [Array]

    public init(name: String, key: String? = nil, model: String? = nil, arrays: [Array]) {
      self.name = name
      self.key = key
      self.model = model
      self.arrays = arrays
    }
  }

  public var format: Format
  /// In the file's order; where it keeps none, by class and counter. Layers without arrays stand
  /// here too, where the file names them.
  public var layers: [Layer]
  /// The network as JSON and what it was built for, where the file says so.
  public var network: String?
  public var input: [Int]?
  public var classes: Int?
  /// What the classes are called, in their order, where the file says so.
  public var classNames: [String]?
  /// What the network was trained on, as far as the file says so; only files of ours do.
  public var trained = TrainedImages()
  /// The versions of Keras and its backend, where the file says so.
  public var kerasVersion: String?
  public var backend: String?
  /// Whether kernels are turned by 180°, as Theano's convolutions had them.
  public var hasTurnedKernels = false
  /// How the model is built, where the file says so. Then `layers` stand in its order.
  public var model: KerasModel?
  /// Arrays that stand beside those of the layers, and that nobody asks for: what people added.
  public var aside: [String] = []
  /// Why the order of the layers is not certain; nil where it is.
  public var doubt: String?

  public init(format: Format, layers: [Layer] = []) {
    self.format = format
    self.layers = layers
  }

  /// All arrays in the order of the layers; a source knows them by their position here.
  public var arrays: [Array] { layers.flatMap(\.arrays) }

  /// The number of values in all arrays.
  public var count: Int { arrays.reduce(0) { $0 + $1.count } }

  /// Whether `layers` stand in the order of the network that wrote them.
  public var isOrdered: Bool {
    (format != .kerasV3 && format != .kerasArchive) || model?.fault == nil && model != nil
  }

  /// Whether Keras wrote it, or it looks so.
  public var isKeras: Bool { format != .continuum && format != .run }
}

extension WeightOutline {
  /// The classes of the last dense layer, which is the classifier of every network of the zoo; nil
  /// where the file ends in something else.
  public var classifierClasses: Int? {
    let last = isOrdered ? arrays.suffix(2).map(\.shape) : lastDense
    guard last.count == 2, last[0].count == 2, last[1] == [last[0][1]] else { return nil }
    return last[1][0]
  }

  /// Of a file that keeps classes and counters instead of an order: `dense`, or of several the one
  /// with the highest number.
  private var lastDense: [[Int]] {
    func number(_ key: String) -> Int? {
      key == "dense" ? 0 : key.hasPrefix("dense_") ? Int(key.dropFirst(6)) : nil
    }
    let dense = layers.compactMap { layer in
      layer.key.flatMap(number).map { (number: $0, shapes: layer.arrays.map(\.shape)) }
    }
    return dense.max { $0.number < $1.number }?.shapes ?? []
  }
}

/// Where weights come from: an outline at once, the numbers in one pass.
public protocol WeightSource: AnyObject {
  var outline: WeightOutline { get }

  /// Hands over arrays, by their positions in `outline.arrays`, in that order. Called once at most.
  ///
  /// - Parameters:
  ///   - isWanted: whether to hand over an array at all.
  ///   - body: takes an array's position and its values.
  /// - Throws: what `body` throws, or why an array cannot be read.
  func read(
    where isWanted: (Int) -> Bool, _ body: (Int, [Float]) throws(WeightError) -> Void
  ) throws(WeightError)
}
