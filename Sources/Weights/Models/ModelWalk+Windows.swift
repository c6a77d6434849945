// SPDX-License-Identifier: Apache-2.0

import Engine

extension ModelWalk {
  /// Zeros around a plane, by side.
  private struct Zeros {
    /// Before and behind, of rows and columns.
    var rows = (before: 0, behind: 0)
    var columns = (before: 0, behind: 0)
    var isNone: Bool { (rows.before, rows.behind, columns.before, columns.behind) == (0, 0, 0, 0) }
  }

  /// Compares two windows by what they see, with the zero padding before the model's.
  ///
  /// - Returns: what the model's window, or the padding before it, reads.
  func match(
    _ window: KerasWindow, _ own: any WindowedOp, _ theirs: Int, _ ours: Int, isPool: Bool = false,
    averages: Bool = false
  ) throws(WeightError) -> Int {
    let kernel = [own.kernel.height, own.kernel.width]
    try requireSides("kernel_size", window.kernel, kernel, theirs, ours)
    try requireSides("strides", window.stride, [own.stride, own.stride], theirs, ours)
    if zip(window.dilation, kernel).contains(where: { $0 != 1 && $1 != 1 }) {
      try requireSides("dilation_rate", window.dilation, [1, 1], theirs, ours)
    }
    let (zeros, source) = padding(before: theirs)
    if isPool, !zeros.isNone, averages || !isNeverNegative(source) {
      throw refusal(theirs, "pools zeros of a padding; the network's \(name(ours)) leaves them out")
    }
    let input = graph.shape(of: graph.nodes[ours].inputs[0])
    let output = graph.nodes[ours].output
    let border = own.border(of: input)
    let rows = Self.place(input.height, zeros.rows, window, side: 0)
    let columns = Self.place(input.width, zeros.columns, window, side: 1)
    guard let rows, let columns, rows == (border.top, output.height),
      columns == (border.left, output.width)
    else {
      let behind = zeros.isNone ? "" : " behind zero padding"
      throw refusal(
        theirs,
        "padding is \(printable(window.padding))\(behind); the network's \(name(ours)) has "
          + "\(own.padding.rawValue)")
    }
    return source
  }

  private func requireSides(
    _ field: String, _ sides: [Int], _ own: [Int], _ theirs: Int, _ ours: Int
  ) throws(WeightError) {
    guard sides != own else { return }
    throw refusal(
      theirs, "\(field) is \(sides.shapeText); the network's \(name(ours)) has \(own.shapeText)")
  }

  /// The zeros of padding layers before a window, and what these read.
  private func padding(before theirs: Int) -> (Zeros, source: Int) {
    var zeros = Zeros()
    var source = model.nodes[theirs].inputs[0]
    while let input = model.nodes[source].inputs.first {
      switch model.nodes[source].op {
      case .nothing: source = input
      case .padding(let top, let bottom, let left, let right):
        zeros.rows = (zeros.rows.before + top, zeros.rows.behind + bottom)
        zeros.columns = (zeros.columns.before + left, zeros.columns.behind + right)
        source = input
      default: return (zeros, source)
      }
    }
    return (zeros, source)
  }

  private func isNeverNegative(_ theirs: Int) -> Bool {
    model.nodes[theirs].op == .activation("relu")
  }

  /// How far before the plane a window begins, and how many there are; nil for a padding that is not
  /// known.
  private static func place(
    _ length: Int, _ zeros: (before: Int, behind: Int), _ window: KerasWindow, side: Int
  ) -> (before: Int, count: Int)? {
    let (kernel, stride) = (window.kernel[side], window.stride[side])
    let padded = length + zeros.before + zeros.behind
    switch window.padding {
    case "valid":
      return (zeros.before, padded < kernel ? 0 : (padded - kernel) / stride + 1)
    case "same":
      let count = (padded + stride - 1) / stride
      return (zeros.before + max((count - 1) * stride + kernel - padded, 0) / 2, count)
    default: return nil
    }
  }
}
