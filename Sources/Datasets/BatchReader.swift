// SPDX-License-Identifier: Apache-2.0

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
  /// value · scale + shift, for each of a row of pixels: vectors of channels that follow each other.
  private let scale: [Float]
  private let shift: [Float]

  /// - Parameters:
  ///   - set: where the images are.
  ///   - standardization: of the training set, also for validation and test images; nil leaves floats
  ///     as they are and scales bytes to 0…1. Pictures in files have a scaling of their own.
  ///   - augmentation: nil for validation and test images.
  ///   - seed: the run's; of the augmentation's draws.
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
    let (scale, shift) = (deviation.map { 1 / ($0 * unit) }, zip(mean, deviation).map { -$0 / $1 })
    self.scale = (0..<set.size.width).flatMap { _ in scale }
    self.shift = (0..<set.size.width).flatMap { _ in shift }
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
        var target = images.mutableSpan
        copy(values.span, image: index, draw(index, epoch), to: &target, at: start) { Float($0) }
      case .floats(let values):
        var target = images.mutableSpan
        copy(values.span, image: index, draw(index, epoch), to: &target, at: start) { $0 }
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

  /// An image's window, mirrored where it is flipped and standardised; where it reaches beyond the
  /// image the mean colour, which is zero then.
  @inline(__always)
  private func copy<Value>(
    _ values: Span<Value>, image: Int, _ draw: Augmentation.Draw,
    to images: inout MutableSpan<Float>, at start: Int, float: (Value) -> Float
  ) {
    let (size, channels) = (set.size, set.size.channels)
    let rowCount = size.width * channels
    let (scale, shift) = (self.scale.span, self.shift.span)
    // Columns of the window, before it is mirrored, that lie in the image.
    let first = min(max(0, -draw.right), size.width)
    let count = max(0, min(size.width, size.width - draw.right) - first)
    for row in 0..<size.height {
      let target = start + row * rowCount
      let sourceRow = row + draw.down
      let isInside = count > 0 && sourceRow >= 0 && sourceRow < size.height
      if !isInside || count < size.width {
        for index in target..<target + rowCount { images[index] = 0 }
      }
      guard isInside else { continue }
      let from = image * size.count + sourceRow * rowCount + (first + draw.right) * channels
      let source = values.extracting(from..<from + count * channels)
      if draw.flipped {
        var pixel = target + (size.width - 1 - first) * channels
        for column in 0..<count {
          for channel in 0..<channels {
            images[pixel + channel] =
              float(source[column * channels + channel]) * scale[channel] + shift[channel]
          }
          pixel -= channels
        }
      } else {
        let pixel = target + first * channels
        for index in source.indices {
          images[pixel + index] = float(source[index]) * scale[index] + shift[index]
        }
      }
    }
  }
}
