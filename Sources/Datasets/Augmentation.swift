import RandomStreams

/// Random changes of a training image that keep its class.
public struct Augmentation: Hashable, Sendable {
  /// Mirrors the image from left to right with probability one half.
  public var flip: Bool
  /// Pixels of padding on every side, out of which a window of the image's size is cut at random;
  /// 0 leaves the image in place. The padding is the training set's mean colour (zero after
  /// standardisation).
  public var cropPadding: Int
  /// The part of a picture in a file that is looked at; nil for the one that evaluation looks at.
  /// Of no meaning to images in memory, as `cropPadding` is to pictures.
  public var resizedCrop: ResizedCrop?

  public init(flip: Bool, cropPadding: Int, resizedCrop: ResizedCrop? = nil) {
    self.flip = flip
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
    return Draw(flipped: flip && flipped, down: down, right: right)
  }
}
