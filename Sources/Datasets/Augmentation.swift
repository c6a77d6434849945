// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import Settings

/// Random changes of a training image that keep its class.
public struct Augmentation: Hashable, Sendable {
  /// Mirrors the image from left to right with probability one half.
  public var flip: Bool
  /// Mirrors it every other epoch instead, beginning with the first or the second as a draw decides.
  /// Source: K. Jordan, "94 % on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, section 3.6.
  public var alternates: Bool
  /// Pixels of padding on every side, out of which a window of the image's size is cut at random;
  /// 0 leaves the image in place. The padding is the training set's mean colour (zero after
  /// standardisation).
  public var cropPadding: Int
  /// The part of a picture in a file that is looked at; nil for the one that evaluation looks at.
  /// Of no meaning to images in memory, as `cropPadding` is to pictures.
  public var resizedCrop: ResizedCrop?

  public init(
    flip: Bool, alternates: Bool = false, cropPadding: Int, resizedCrop: ResizedCrop? = nil
  ) {
    self.flip = flip
    self.alternates = alternates
    self.cropPadding = cropPadding
    self.resizedCrop = resizedCrop
  }

  /// What happens to one image in one epoch.
  struct Draw: Equatable {
    var flipped = false
    /// The window's place relative to the image, -padding…padding.
    var down = 0
    var right = 0
  }

  /// The draw is addressed by seed, epoch and image, so neither batches nor order matter to it; the
  /// same numbers are drawn whichever parts are on, so that switching one leaves the other alone.
  func draw(seed: UInt64, epoch: Int, image: Int) -> Draw {
    var stream = RandomStream(seed: seed, "augmentation", epoch, image)
    let flipped = stream.uniform() < 0.5
    let down = stream.integer(below: 2 * cropPadding + 1) - cropPadding
    let right = stream.integer(below: 2 * cropPadding + 1) - cropPadding
    return Draw(
      flipped: mirrors(flipped, seed: seed, epoch: epoch, image: image), down: down, right: right)
  }

  /// Whether an image is mirrored.
  ///
  /// - Parameter drawn: the epoch's own draw.
  func mirrors(_ drawn: Bool, seed: UInt64, epoch: Int, image: Int) -> Bool {
    guard flip, alternates else { return flip && drawn }
    var first = RandomStream(seed: seed, "augmentation", 0, image)
    let beginsMirrored = first.uniform() < 0.5
    return epoch.isMultiple(of: 2) ? beginsMirrored : !beginsMirrored
  }
}

// MARK: In files

extension Augmentation {
  /// Reads what the file says of mirroring.
  static func flips(
    _ fields: inout Fields, default fallback: Bool
  ) throws(SettingsError) -> (flip: Bool, alternates: Bool) {
    let flip = try fields.bool("flip", default: fallback, "whether half of them are mirrored")
    let alternates = try fields.bool(
      "alternatingFlip", default: false,
      "whether each is mirrored every other epoch, instead of at random (Jordan, 2024)",
      recorded: .unlessDefault)
    guard flip || !alternates else {
      throw fields.error("alternatingFlip", "must be absent where flip is false")
    }
    return (flip, alternates)
  }
}
