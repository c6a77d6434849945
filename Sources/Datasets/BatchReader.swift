import Pictures
import RandomStreams

/// Order, augmentation and standardisation of the images of a set.
///
/// Every random number is addressed by (seed, epoch, image): a resumed run, another batch size or
/// another block of the same sweep sees the same images in the same order.
public struct BatchReader: Sendable {
  public let set: ImageSet
  public let standardization: Standardization?
  public let augmentation: Augmentation?
  public let seed: UInt64
  /// value · scale + shift, per channel.
  private let scale: [Float]
  private let shift: [Float]

  /// - Parameters:
  ///   - standardization: of the training set, also for validation and test images; nil leaves
  ///     floats as they are and scales bytes to 0…1. Pictures in files have a scaling of their own.
  ///   - augmentation: nil for validation and test images.
  public init(
    set: ImageSet, standardization: Standardization?, augmentation: Augmentation?, seed: UInt64
  ) {
    self.set = set
    self.standardization = standardization
    self.augmentation = augmentation
    self.seed = seed
    let channels = set.size.channels
    let mean = standardization?.mean ?? Array(repeating: 0, count: channels)
    let deviation = standardization?.deviation ?? Array(repeating: 1, count: channels)
    precondition(mean.count == channels, "standardisation of another number of channels")
    let unit: Float = if case .bytes = set.pixels { 255 } else { 1 }
    scale = deviation.map { 1 / ($0 * unit) }
    shift = zip(mean, deviation).map { -$0 / $1 }
  }

  /// The images of one epoch in random order, each once.
  public func order(epoch: Int) -> [Int] {
    var stream = RandomStream(seed: seed, "data-order", epoch)
    return stream.permutation(of: set.count)
  }

  /// Writes the images at `indices` [indices.count, height, width, channels] and their labels from
  /// the start of two arrays that must be long enough. Allocates nothing but decoded pictures.
  ///
  /// - Throws: where a picture's file is damaged, with its name.
  public func read(
    _ indices: ArraySlice<Int>, epoch: Int, into images: inout [Float], labels: inout [Int]
  ) throws(DatasetError) {
    precondition(images.count >= indices.count * set.size.count, "room for every image")
    precondition(labels.count >= indices.count, "room for every label")
    var start = 0
    for (position, index) in indices.enumerated() {
      labels[position] = set.labels[index]
      switch set.pixels {
      case .bytes(let values):
        copy(values, image: index, draw(index, epoch), to: &images, at: start)
      case .floats(let values):
        copy(values, image: index, draw(index, epoch), to: &images, at: start)
      case .files(let files):
        let view = try files.view(index, augmentation, seed: seed, epoch: epoch)
        files.preprocessing.write(view, into: &images, at: start)
      }
      start += set.size.count
    }
  }

  private func draw(_ index: Int, _ epoch: Int) -> Augmentation.Draw {
    augmentation?.draw(seed: seed, epoch: epoch, image: index) ?? .init()
  }

  @inline(__always)
  private func copy(
    _ values: [UInt8], image: Int, _ draw: Augmentation.Draw, to images: inout [Float],
    at start: Int
  ) {
    copyRows(image: image, draw, to: &images, at: start) { Float(values[$0]) }
  }

  @inline(__always)
  private func copy(
    _ values: [Float], image: Int, _ draw: Augmentation.Draw, to images: inout [Float],
    at start: Int
  ) {
    copyRows(image: image, draw, to: &images, at: start) { values[$0] }
  }

  @inline(__always)
  private func copyRows(
    image: Int, _ draw: Augmentation.Draw, to images: inout [Float], at start: Int,
    value: (Int) -> Float
  ) {
    let size = set.size
    var target = start
    for row in 0..<size.height {
      let sourceRow = row + draw.down
      for column in 0..<size.width {
        let mirrored = draw.flipped ? size.width - 1 - column : column
        let sourceColumn = mirrored + draw.right
        guard sourceRow >= 0, sourceRow < size.height, sourceColumn >= 0,
          sourceColumn < size.width
        else {
          // The mean colour, which is zero once standardised.
          for channel in 0..<size.channels { images[target + channel] = 0 }
          target += size.channels
          continue
        }
        let source =
          image * size.count + (sourceRow * size.width + sourceColumn) * size.channels
        for channel in 0..<size.channels {
          images[target + channel] = value(source + channel) * scale[channel] + shift[channel]
        }
        target += size.channels
      }
    }
  }
}
