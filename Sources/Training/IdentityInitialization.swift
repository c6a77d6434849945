// SPDX-License-Identifier: Apache-2.0

import Engine

/// Convolutions that begin as the identity.
///
/// Of every segment of a convolution with at least as many filters as input channels, filter c is 1 at
/// the window's middle on channel c and 0 elsewhere; further filters stay as they were drawn. Of a
/// depthwise convolution it is the first kernel of each channel. Windows of an even side have no
/// middle, and segments with fewer filters cannot be the identity: both stay as drawn.
///
/// Source: PyTorch's `dirac_`; K. Jordan, "94 % on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024,
/// section 3.3; S. Zagoruyko and N. Komodakis, "DiracNets", 2017.
enum IdentityInitialization {
  static func apply(to parameters: ParameterMemory, of graph: Graph) {
    for node in graph.nodes {
      guard let position = node.parameters.first else { continue }
      let kernel = parameters.value(position)
      switch node.op {
      case let op as Convolution:
        guard let middle = middle(of: op.kernel) else { continue }
        var start = 0
        for segment in op.segments {
          let count = op.kernel.count * segment.input * segment.output
          if segment.output >= segment.input {
            var values = kernel.slice(start, count).array
            setIdentity(&values, inputs: segment.input, filters: segment.output, middle: middle)
            kernel.slice(start, count).copy(from: values)
          }
          start += count
        }
      case let op as DepthwiseConvolution:
        guard let middle = middle(of: op.kernel) else { continue }
        let pixel = kernel.count / op.kernel.count
        for index in stride(from: 0, to: kernel.count, by: op.multiplier) {
          kernel[index] = index / pixel == middle ? 1 : 0
        }
      default: continue
      }
    }
  }

  /// The position of the window's middle among its pixels; nil where it has none.
  private static func middle(of kernel: Extent) -> Int? {
    guard kernel.height % 2 == 1, kernel.width % 2 == 1 else { return nil }
    return kernel.height / 2 * kernel.width + kernel.width / 2
  }

  /// Sets the first `inputs` filters of a kernel [pixels, inputs, filters].
  private static func setIdentity(
    _ values: inout [Float], inputs: Int, filters: Int, middle: Int
  ) {
    for row in 0..<values.count / filters {
      let (pixel, channel) = row.quotientAndRemainder(dividingBy: inputs)
      for filter in 0..<inputs {
        values[row * filters + filter] = pixel == middle && channel == filter ? 1 : 0
      }
    }
  }
}
