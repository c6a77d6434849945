// SPDX-License-Identifier: Apache-2.0

/// The size of one image's activation: height × width × channels, channels innermost (NHWC).
///
/// A vector of `n` numbers is `1×1×n`.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int
  public var channels: Int

  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Positions in the plane.
  public var pixels: Int { height * width }

  /// Numbers in one image.
  public var count: Int { pixels * channels }

  public var description: String { "\(height)×\(width)×\(channels)" }
}

/// The height and width of a kernel or window; an integer literal means a square.
public struct Extent: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public init(_ side: Int) {
    self.init(height: side, width: side)
  }

  public init(integerLiteral side: Int) {
    self.init(side)
  }

  /// Positions in the window.
  public var count: Int { height * width }

  public var description: String { "\(height)×\(width)" }
}
