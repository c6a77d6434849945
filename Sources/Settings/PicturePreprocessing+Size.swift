// SPDX-License-Identifier: Apache-2.0

extension PicturePreprocessing {
  /// The same for images of another size: what is cut away keeps its proportion.
  public func sized(_ size: Int) -> PicturePreprocessing {
    var own = self
    own.size = size
    if case .shorterSide(let side) = resize, size != self.size {
      own.resize = .shorterSide(max(size, (side * size + self.size / 2) / self.size))
    }
    return own
  }
}
