// SPDX-License-Identifier: Apache-2.0

import Settings

/// A rectangle of whole pixels in a picture.
public struct PictureRegion: Hashable, Sendable {
  public var top: Int
  public var left: Int
  public var height: Int
  public var width: Int

  public init(top: Int, left: Int, height: Int, width: Int) {
    self.top = top
    self.left = left
    self.height = height
    self.width = width
  }
}

extension Picture {
  /// The pixels of a region.
  ///
  /// - Precondition: the region lies inside the picture.
  public func cropped(to region: PictureRegion) -> Picture {
    precondition(region.top >= 0 && region.left >= 0 && region.top + region.height <= height)
    precondition(region.left + region.width <= width)
    if region.height == height && region.width == width { return self }
    var own: [UInt8] = []
    own.reserveCapacity(region.height * region.width * 3)
    for row in region.top..<region.top + region.height {
      let start = (row * width + region.left) * 3
      own += pixels[start..<start + region.width * 3]
    }
    return Picture(height: region.height, width: region.width, pixels: own)
  }

  /// The picture at another size, pixel for pixel Pillow's `resize`: first the rows, then the
  /// columns, each rounded to bytes.
  ///
  /// Cost: 3 · taps multiplications for each source row and target column that count, and for each
  /// target pixel.
  /// - Parameters:
  ///   - newHeight: rows of the result.
  ///   - newWidth: columns of the result.
  ///   - filter: how pixels are weighed.
  ///   - region: the part of the resized picture that is wanted; nothing else is computed.
  public func resized(
    height newHeight: Int, width newWidth: Int, _ filter: PicturePreprocessing.Filter,
    only region: PictureRegion? = nil
  ) -> Picture {
    let part = region ?? PictureRegion(top: 0, left: 0, height: newHeight, width: newWidth)
    let rows = Resampling(
      from: width, to: newWidth, only: part.left..<part.left + part.width, filter)
    let columns = Resampling(
      from: height, to: newHeight, only: part.top..<part.top + part.height, filter)
    return withRows(rows, of: columns.reach).withColumns(columns)
  }

  /// The rows of a range resampled.
  private func withRows(_ resampling: Resampling, of range: Range<Int>) -> Picture {
    let newWidth = resampling.starts.count
    var result = [UInt8](repeating: 0, count: range.count * newWidth * 3)
    let source = pixels.span
    let weights = resampling.weights.span
    var target = result.mutableSpan
    var place = 0
    for row in range {
      for pixel in 0..<newWidth {
        var sums = SIMD4<Int32>(repeating: Resampling.half)
        var start = (row * width + resampling.starts[pixel]) * 3
        let first = pixel * resampling.taps
        for tap in first..<first + resampling.counts[pixel] {
          let colour = SIMD4<Int32>(
            Int32(source[start]), Int32(source[start + 1]), Int32(source[start + 2]), 0)
          sums &+= colour &* weights[tap]
          start += 3
        }
        for channel in 0..<3 { target[place + channel] = Resampling.byte(sums[channel]) }
        place += 3
      }
    }
    return Picture(height: range.count, width: newWidth, pixels: result)
  }

  /// Every column resampled, a row at a time; the picture begins with the first row that counts.
  private func withColumns(_ resampling: Resampling) -> Picture {
    let newHeight = resampling.starts.count
    let rowBytes = width * 3
    var result = [UInt8](repeating: 0, count: newHeight * rowBytes)
    var sums = [Int32](repeating: 0, count: rowBytes)
    for row in 0..<newHeight {
      for index in sums.indices { sums[index] = Resampling.half }
      for tap in 0..<resampling.counts[row] {
        let weight = resampling.weights[row * resampling.taps + tap]
        let start = (resampling.starts[row] - resampling.reach.lowerBound + tap) * rowBytes
        for index in 0..<rowBytes {
          sums[index] &+= Int32(pixels[start + index]) &* weight
        }
      }
      for index in 0..<rowBytes {
        result[row * rowBytes + index] = Resampling.byte(sums[index])
      }
    }
    return Picture(height: newHeight, width: width, pixels: result)
  }
}
