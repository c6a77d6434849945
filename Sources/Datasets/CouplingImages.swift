// SPDX-License-Identifier: Apache-2.0

import RandomStreams

/// Draws the images of `coupling`.
public struct CouplingImages: Sendable {
  private let options: Coupling
  /// [class][tap, channel].
  private let templates: [[Float]]
  private let sigma: Float
  private static let imagesAtOnce = 64

  public init(_ templates: CouplingTemplates, sigma: Double) {
    options = templates.options
    self.templates = templates.templates.map { $0.map { Float($0) } }
    self.sigma = Float(sigma)
  }

  /// `count` images, image i of class i mod classes; a longer set begins with a shorter one.
  ///
  /// - Parameters:
  ///   - name: the random stream, "train" or "test"; different names are independent.
  ///   - count: how many images.
  public func draw(_ name: String, count: Int) -> ImageSet {
    let size = options.imageSize
    let step = Self.imagesAtOnce
    let blocks = parallelMap((count + step - 1) / step) { block in
      images(block * step..<min(count, (block + 1) * step), name)
    }
    var pixels: [Float] = []
    pixels.reserveCapacity(count * size.count)
    for block in blocks { pixels.append(contentsOf: block) }
    return ImageSet(
      size: size, classNames: options.classNames,
      labels: (0..<count).map { $0 % options.classes }, pixels: .floats(pixels))
  }

  private func images(_ indices: Range<Int>, _ name: String) -> [Float] {
    let count = options.imageSize.count
    var pixels = [Float](repeating: 0, count: indices.count * count)
    var field = [Float](repeating: 0, count: options.size * options.size)
    for (position, index) in indices.enumerated() {
      let stream = RandomStream(seed: UInt64(options.seed), "coupling/\(name)", index)
      var normals = NormalSource(stream)
      normals.fill(&field, in: field.indices, scale: 1)
      let start = position * count
      normals.fill(&pixels, in: start..<start + count, scale: sigma)
      convolve(field, templates[index % options.classes], into: &pixels, at: start)
    }
    return pixels
  }

  /// Adds the field convolved with a template, borders periodic, at `start`.
  private func convolve(
    _ field: [Float], _ template: [Float], into pixels: inout [Float], at start: Int
  ) {
    let (size, kernel, channels) = (options.size, options.kernel, options.channels)
    // Which row or column a tap reads: [position, tap].
    let sources = (0..<size).flatMap { position in
      (0..<kernel).map { (position - $0 + kernel / 2 + size) % size }
    }
    var sums = [Float](repeating: 0, count: channels)
    for row in 0..<size {
      for column in 0..<size {
        for channel in 0..<channels { sums[channel] = 0 }
        for tapRow in 0..<kernel {
          let source = sources[row * kernel + tapRow] * size
          for tapColumn in 0..<kernel {
            let value = field[source + sources[column * kernel + tapColumn]]
            let tap = (tapRow * kernel + tapColumn) * channels
            for channel in 0..<channels { sums[channel] += value * template[tap + channel] }
          }
        }
        let target = start + (row * size + column) * channels
        for channel in 0..<channels { pixels[target + channel] += sums[channel] }
      }
    }
  }
}
