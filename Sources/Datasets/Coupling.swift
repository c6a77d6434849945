// SPDX-License-Identifier: Apache-2.0

import Settings

/// The options of `coupling`, textures made in code that test the Inception hypothesis itself: that
/// correlations across channels and across space are decoupled enough to be mapped apart.
///
/// Every class is a template of `kernel`×`kernel` taps and `channels` channels; an image is its
/// class's template convolved with one white Gaussian field, plus white noise in every channel.
/// `lambda` moves the templates from decoupled (0: one spatial filter times one channel pattern) to
/// fully coupled (1: another spatial filter in every channel), see `CouplingTemplates`.
public struct Coupling: Hashable, Sendable {
  /// A power of two, as the channel patterns are rows of a Hadamard matrix.
  public var channels = 8
  /// Height and width in pixels; borders are periodic.
  public var size = 16
  /// At most kernel² − 1, the number of orthonormal filters of zero mean.
  public var classes = 8
  /// Height and width of the templates; odd.
  public var kernel = 3
  /// The degree of coupling, 0…1.
  public var lambda = 0.0
  /// Channels inside which the coupled templates permute their filters; nil means all of them.
  public var groupWidth: Int?
  /// Training images, class after class in turn.
  public var train = 8192
  /// Test images.
  public var test = 2048
  /// The seed of the images: one data set for every run of a sweep.
  public var seed = 0
  /// The accuracy of the exact Bayes rule to which the noise is calibrated.
  public var bestPossibleAccuracy = 0.99
  /// Images drawn for the calibration; its standard error falls with their square root.
  public var calibrationImages = 4096

  public init() {}

  /// - Throws: `SettingsError` naming the field and its rule.
  public init(_ fields: inout Fields) throws(SettingsError) {
    channels = try fields.integer(
      "channels", default: channels, in: 1...256, "channels of an image, a power of two")
    size = try fields.integer("size", default: size, in: 3...64, "height and width of an image")
    kernel = try fields.integer(
      "kernel", default: kernel, in: 3...7, "height and width of the templates, odd")
    classes = try fields.integer(
      "classes", default: classes, in: 2...48, "classes, at most kernel² − 1")
    lambda = try fields.number(
      "lambda", default: lambda, in: 0...1, "the coupling of channels and space, from none to full")
    groupWidth = try fields.integer(
      "groupWidth", in: 1...256, "channels inside which filters are permuted (all)")
    fields.record("groupWidth", groupWidth.map(JSON.integer) ?? .null)
    train = try fields.integer("train", default: train, in: 1...1_000_000, "training images")
    test = try fields.integer("test", default: test, in: 1...1_000_000, "test images")
    seed = try fields.integer(
      "seed", default: seed, in: 0 ... .max, "the seed of the images, for every run of a sweep")
    bestPossibleAccuracy = try fields.number(
      "bestPossibleAccuracy", default: bestPossibleAccuracy, in: 0...0.9999,
      "the exact rule's accuracy, to which the noise is set")
    calibrationImages = try fields.integer(
      "calibrationImages", default: calibrationImages, in: 256...1_000_000,
      "images drawn to set the noise")
    if let (field, rule) = violatedRule { throw fields.error(field, rule) }
  }

  /// The first rule between options that they break.
  var violatedRule: (field: String, rule: String)? {
    if channels & (channels - 1) != 0 { return ("channels", "must be a power of two") }
    if kernel % 2 == 0 { return ("kernel", "must be odd") }
    if kernel > size { return ("kernel", "must be at most the size, \(size)") }
    if classes > filterCount {
      return ("classes", "must be at most kernel² − 1 = \(filterCount)")
    }
    if let width = groupWidth {
      if width > min(channels, filterCount) || channels % width != 0 {
        return ("groupWidth", "must divide the \(channels) channels and be at most \(filterCount)")
      }
      if classes > channels { return ("classes", "must be at most the channels with groupWidth") }
    }
    if bestPossibleAccuracy < 1 / Double(classes) + 0.01 {
      return ("bestPossibleAccuracy", "must exceed chance, 1/\(classes), by 0.01")
    }
    if (train + test) * imageSize.count > 1 << 31 {
      return ("train", "must keep all images together under 8 GiB")
    }
    if calibrationImages * classes * size * size > 1 << 29 {
      return ("calibrationImages", "must keep images × classes × size² under \(1 << 29)")
    }
    return nil
  }

  /// Orthonormal filters of zero mean of this kernel size.
  var filterCount: Int { kernel * kernel - 1 }

  /// One a class, in the order of the labels.
  var classNames: [String] { (0..<classes).map { "texture \($0)" } }

  public var imageSize: ImageSize { ImageSize(height: size, width: size, channels: channels) }
}
