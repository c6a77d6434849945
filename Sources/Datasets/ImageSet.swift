// SPDX-License-Identifier: Apache-2.0

/// Height, width and channels of the images of a set.
public struct ImageSize: Hashable, Sendable {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Values in one image.
  public var count: Int { height * width * channels }

  /// Images [count, height, width, channels] mirrored from left to right.
  public func mirrored(_ images: [Float]) -> [Float] {
    var result = images
    let (source, pixelsInAll) = (images.span, images.count / max(channels, 1))
    var target = result.mutableSpan
    for pixel in 0..<pixelsInAll {
      let column = pixel % width
      let from = (pixel - column + width - 1 - column) * channels
      for channel in 0..<channels { target[pixel * channels + channel] = source[from + channel] }
    }
    return result
  }
}

/// The pixels of a set of images, one after the other, each [height, width, channel] (NHWC).
public enum Pixels: Hashable, Sendable {
  /// Values 0…255; readers scale them to 0…1.
  case bytes([UInt8])
  /// Values as they are.
  case floats([Float])
  /// Decoded, resized and scaled when a batch asks for them.
  case files(PictureFiles)

  /// Values in all images together.
  public var count: Int {
    switch self {
    case .bytes(let values): values.count
    case .floats(let values): values.count
    case .files(let files):
      files.names.count * 3 * files.preprocessing.size * files.preprocessing.size
    }
  }
}

/// Labelled images, in memory or in files.
///
/// Shapes: `pixels` holds [count, height, width, channels]; `labels` holds [count] classes.
public struct ImageSet: Sendable {
  public let size: ImageSize
  public let classNames: [String]
  public let labels: [Int]
  public let pixels: Pixels

  /// The caller guarantees one image for each label and labels in `0..<classNames.count`; readers
  /// of files check both while they can still name the offset.
  public init(size: ImageSize, classNames: [String], labels: [Int], pixels: Pixels) {
    precondition(pixels.count == labels.count * size.count, "one image for each label")
    precondition(labels.allSatisfy { classNames.indices.contains($0) }, "labels name classes")
    self.size = size
    self.classNames = classNames
    self.labels = labels
    self.pixels = pixels
  }

  /// Images in the set.
  public var count: Int { labels.count }

  /// The first `count` images, or all where there are fewer.
  public func prefix(_ count: Int) -> ImageSet {
    count >= self.count ? self : subset(Array(0..<max(0, count)))
  }

  /// The images at `indices`, in that order.
  public func subset(_ indices: [Int]) -> ImageSet {
    let pixels: Pixels =
      switch self.pixels {
      case .bytes(let all): .bytes(gather(all, indices))
      case .floats(let all): .floats(gather(all, indices))
      case .files(let files):
        .files(
          PictureFiles(
            folder: files.folder, names: indices.map { files.names[$0] },
            preprocessing: files.preprocessing))
      }
    return ImageSet(
      size: size, classNames: classNames, labels: indices.map { labels[$0] }, pixels: pixels)
  }

  private func gather<Value>(_ all: [Value], _ indices: [Int]) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(indices.count * size.count)
    for index in indices {
      values.append(contentsOf: all[index * size.count..<(index + 1) * size.count])
    }
    return values
  }
}

/// A data set ready for an experiment.
public struct DatasetSplits: Sendable {
  /// The kind's name, e.g. "cifar-10".
  public let name: String
  public let train: ImageSet
  /// Images held back from the training set, where the description asks for some.
  public let validation: ImageSet?
  public let test: ImageSet
  /// What is known about the set beyond its images, for the run's record and tables.
  ///
  /// `coupling` gives "lambda", "sigma" (the calibrated noise), "bestPossibleAccuracy" (of the exact
  /// Bayes rule, by Monte Carlo), "bestPossibleAccuracyError" (its standard error) and
  /// "bestPossibleAccuracyOnTest" (the same rule on the very test images of this set); `image-folder`
  /// with `skipDamaged` gives "skippedPictures".
  public let facts: [String: Double]
  /// The SHA-256 of all images and labels, before any are held back or left out; nil where nobody
  /// asked for it.
  public let digest: String?
  /// What lies among the pictures of a folder and is none of them, relative to it.
  public let passedOver: [String]

  public init(
    name: String, train: ImageSet, validation: ImageSet?, test: ImageSet,
    facts: [String: Double] = [:], digest: String? = nil, passedOver: [String] = []
  ) {
    self.passedOver = passedOver
    self.name = name
    self.train = train
    self.validation = validation
    self.test = test
    self.facts = facts
    self.digest = digest
  }
}
