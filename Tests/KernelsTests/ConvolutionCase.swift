// SPDX-License-Identifier: Apache-2.0

import Kernels
import Testing

/// One convolution to test: input, window, segments.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var batch = 2
  var height = 6
  var width = 5
  var kernelHeight = 3
  var kernelWidth = 3
  var stride = 1
  var padding = WindowGeometry.Padding.same
  /// Input and output channels of each segment.
  var segments: [(inputs: Int, outputs: Int)]

  var geometry: WindowGeometry {
    WindowGeometry(
      batch: batch, inputHeight: height, inputWidth: width, inputChannels: inputs,
      kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride, padding: padding)
  }

  var inputs: Int { segments.reduce(0) { $0 + $1.inputs } }
  var outputs: Int { segments.reduce(0) { $0 + $1.outputs } }

  var channelSegments: [ChannelSegment] {
    segments.map { ChannelSegment(input: $0.inputs, output: $0.outputs) }
  }

  var kernel: ConvolutionKernel {
    ConvolutionKernel(geometry: geometry, segments: channelSegments)
  }

  var inputCount: Int { batch * height * width * inputs }
  var outputCount: Int {
    batch * geometry.outputHeight * geometry.outputWidth * outputs
  }

  var testDescription: String {
    let widths = segments.map { "\($0.inputs)>\($0.outputs)" }.joined(separator: ",")
    return "\(batch)x\(height)x\(width) k\(kernelHeight)x\(kernelWidth) s\(stride) "
      + "\(padding) [\(widths)]"
  }

  /// Equal segments of `width` channels in and out.
  static func equal(_ count: Int, _ width: Int) -> [(inputs: Int, outputs: Int)] {
    Array(repeating: (width, width), count: count)
  }

  /// Every kernel size, stride and padding, on odd and even images.
  static let windows: [ConvolutionCase] = {
    var cases: [ConvolutionCase] = []
    for (kernelHeight, kernelWidth) in [(1, 1), (3, 3), (1, 7), (5, 5), (2, 3)] {
      for stride in [1, 2] {
        for padding in WindowGeometry.Padding.allCases {
          for (height, width) in [(6, 5), (7, 8), (9, 19)] {
            if padding == .valid && width < kernelWidth { continue }
            cases.append(
              ConvolutionCase(
                height: height, width: width, kernelHeight: kernelHeight,
                kernelWidth: kernelWidth, stride: stride, padding: padding,
                segments: [(3, 5)]))
            cases.append(
              ConvolutionCase(
                height: height, width: width, kernelHeight: kernelHeight,
                kernelWidth: kernelWidth, stride: stride, padding: padding,
                segments: [(2, 3), (1, 2), (4, 4)]))
          }
        }
      }
    }
    return cases
  }()

  /// Channel counts and segment widths that are and are not multiples of a vector.
  static let channels: [ConvolutionCase] = {
    var cases: [ConvolutionCase] = []
    let lists: [[(inputs: Int, outputs: Int)]] = [
      [(1, 1)], [(1, 8)], [(8, 1)], [(8, 8)], [(16, 20)], [(20, 16)], [(37, 3)], [(64, 37)],
      equal(5, 1), equal(20, 1), Array(repeating: (1, 3), count: 6), equal(8, 2), equal(7, 3),
      equal(4, 5), equal(3, 8),
      equal(8, 4), equal(9, 2), equal(5, 4), equal(3, 8), equal(17, 2), equal(4, 8),
      equal(2, 16), equal(2, 17), equal(3, 6), [(1, 16), (17, 2), (5, 9)],
      [(3, 1), (2, 40), (33, 7)],
    ]
    for segments in lists {
      for kernel in [1, 3] {
        for stride in [1, 2] {
          cases.append(
            ConvolutionCase(
              height: 5, width: 6, kernelHeight: kernel, kernelWidth: kernel, stride: stride,
              segments: segments))
        }
      }
    }
    return cases
  }()

  /// Images of many tiles and bands, a few with more than one tile of pixels.
  static let sizes: [ConvolutionCase] = [
    ConvolutionCase(batch: 5, height: 33, width: 31, segments: [(8, 8)]),
    ConvolutionCase(batch: 1, height: 70, width: 45, segments: equal(4, 4)),
    ConvolutionCase(batch: 3, height: 40, width: 50, segments: equal(2, 20)),
    ConvolutionCase(batch: 3, height: 20, width: 21, stride: 2, segments: [(32, 16)]),
    ConvolutionCase(
      batch: 9, height: 16, width: 16, kernelHeight: 1, kernelWidth: 1, segments: [(24, 31)]),
    ConvolutionCase(batch: 17, height: 4, width: 4, segments: [(48, 48)]),
    ConvolutionCase(batch: 33, height: 8, width: 8, segments: [(16, 80)]),
    ConvolutionCase(batch: 3, height: 35, width: 37, segments: equal(11, 2)),
    ConvolutionCase(batch: 33, height: 6, width: 9, segments: equal(8, 4)),
    ConvolutionCase(batch: 2, height: 34, width: 1, segments: equal(5, 8)),
    ConvolutionCase(
      batch: 2, height: 9, width: 21, kernelHeight: 5, kernelWidth: 2, segments: equal(6, 4)),
    ConvolutionCase(batch: 2, height: 29, width: 30, segments: [(9, 130)]),
    ConvolutionCase(
      batch: 3, height: 20, width: 19, kernelHeight: 1, kernelWidth: 1, stride: 2,
      segments: [(70, 97), (3, 48)]),
    ConvolutionCase(batch: 3, height: 12, width: 11, segments: equal(37, 1)),
    ConvolutionCase(batch: 7, height: 1, width: 1, segments: [(5, 6)]),
    // Few tiles, cut by output channels too.
    ConvolutionCase(
      batch: 1, height: 9, width: 13, kernelHeight: 1, kernelWidth: 1, segments: [(20, 203)]),
    ConvolutionCase(batch: 1, height: 14, width: 11, stride: 2, segments: [(17, 150)]),
    ConvolutionCase(batch: 2, height: 17, width: 14, stride: 3, segments: [(20, 40), (3, 5)]),
    ConvolutionCase(
      batch: 2, height: 16, width: 15, kernelHeight: 1, kernelWidth: 1, stride: 3,
      segments: [(9, 30)]),
    ConvolutionCase(
      batch: 2, height: 3, width: 2, kernelHeight: 5, kernelWidth: 5,
      segments: equal(3, 2)),
    // Many channels and few pixels: several tiles are gathered before they are summed.
    ConvolutionCase(
      batch: 4, height: 9, width: 11, kernelHeight: 1, kernelWidth: 1, segments: [(400, 530)]),
    ConvolutionCase(
      batch: 3, height: 9, width: 11, kernelHeight: 1, kernelWidth: 1,
      segments: [(300, 410), (280, 333)]),
  ]

  /// Wide segments of 3×3 kernels at stride 1, which Winograd's algorithm takes: even and odd planes,
  /// every padding, vectors that are not full, tiles of several images, bands and groups of blocks.
  static let blocks: [ConvolutionCase] =
    WindowGeometry.Padding.allCases.flatMap { padding in
      [
        ConvolutionCase(batch: 3, height: 9, width: 10, padding: padding, segments: [(32, 32)]),
        ConvolutionCase(batch: 3, height: 8, width: 11, padding: padding, segments: [(16, 64)]),
      ]
    } + [
      ConvolutionCase(batch: 4, height: 8, width: 7, segments: [(40, 37)]),
      ConvolutionCase(batch: 5, height: 7, width: 7, segments: [(250, 270)]),
      ConvolutionCase(batch: 2, height: 13, width: 9, segments: [(32, 48), (64, 33)]),
      ConvolutionCase(batch: 4, height: 5, width: 6, segments: equal(3, 32)),
      ConvolutionCase(batch: 3, height: 6, width: 9, segments: [(64, 31), (33, 70)]),
      ConvolutionCase(batch: 33, height: 4, width: 4, segments: [(48, 48)]),
      ConvolutionCase(batch: 16, height: 20, width: 24, segments: [(32, 32)]),
      ConvolutionCase(batch: 2, height: 5, width: 211, segments: [(32, 32)]),
      ConvolutionCase(batch: 2, height: 41, width: 50, segments: [(28, 36)]),
      ConvolutionCase(batch: 2, height: 14, width: 14, segments: [(160, 130)]),
    ]
}
