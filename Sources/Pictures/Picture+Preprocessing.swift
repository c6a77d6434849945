// SPDX-License-Identifier: Apache-2.0

import Settings

extension PicturePreprocessing {
  /// The picture as the network looks at it when it is evaluated, [size, size, 3] bytes.
  public func view(of picture: Picture) -> Picture {
    switch resize {
    case .centralFraction(let fraction):
      // As TensorFlow's central_crop: the margin is rounded down, the same on both sides.
      let top = Int((Double(picture.height) - Double(picture.height) * fraction) / 2)
      let left = Int((Double(picture.width) - Double(picture.width) * fraction) / 2)
      let middle = PictureRegion(
        top: top, left: left, height: picture.height - 2 * top, width: picture.width - 2 * left)
      return picture.cropped(to: middle).resized(height: size, width: size, filter)
    case .shorterSide(let side):
      // The longer side is rounded down, as in torchvision; so is the margin.
      let shorter = min(picture.height, picture.width)
      let height = picture.height * side / shorter
      let width = picture.width * side / shorter
      let middle = PictureRegion(
        top: (height - size) / 2, left: (width - size) / 2, height: size, width: size)
      return picture.resized(height: height, width: width, filter, only: middle)
    }
  }

  /// Writes the input that a view of the picture gives, from `start` on.
  ///
  /// Shapes: [height, width, 3] bytes to as many floats.
  public func write(_ view: Picture, into input: inout [Float], at start: Int) {
    precondition(start + view.pixels.count <= input.count, "room for the picture")
    let tables = tables
    for pixel in 0..<view.height * view.width {
      for (channel, table) in tables.enumerated() {
        let byte = view.pixels[3 * pixel + table.source]
        input[start + 3 * pixel + channel] = table.values[Int(byte)]
      }
    }
  }

  /// For each channel of the input: the picture's channel that it reads, and what every byte
  /// becomes; in single precision, as Keras computes it.
  private var tables: [(source: Int, values: [Float])] {
    let bytes = (0..<256).map { Float($0) }
    switch scaling {
    case .signed: return (0..<3).map { ($0, bytes.map { $0 / 127.5 - 1 }) }
    case .caffe:
      let means: [Float] = [103.939, 116.779, 123.68]
      return (0..<3).map { channel in (2 - channel, bytes.map { $0 - means[channel] }) }
    case .standardized(let mean, let deviation):
      return (0..<3).map { channel in
        (channel, bytes.map { ($0 / 255 - Float(mean[channel])) / Float(deviation[channel]) })
      }
    }
  }
}
