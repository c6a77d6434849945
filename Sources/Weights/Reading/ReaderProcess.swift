// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A weight file, or an array of another, that a child process reads, so that what HDF5 makes of a damaged one cannot hurt
/// this process.
final class ReaderProcess: WeightSource {
  let outline: WeightOutline
  private let path: String
  private let child: ReaderChild

  /// Starts the child and waits for the outline.
  ///
  /// - Throws: what the child says of the file, or that it died of it.
  init(_ path: String, command: [String], array: String? = nil) throws(WeightError) {
    self.path = path
    child = try ReaderChild(command, reading: path, array: array)
    outline = try Self.outline(from: child.channel, path)
  }

  func read(
    where isWanted: (Int) -> Bool, _ body: (Int, [Float]) throws(WeightError) -> Void
  ) throws(WeightError) {
    for (position, array) in outline.arrays.enumerated() {
      let length = try Self.length(of: .values, from: child.channel, path)
      guard length == array.count * MemoryLayout<Float>.size,
        let values = child.channel.receive(array.count, of: Float.self)
      else { throw Self.damage(path) }
      if isWanted(position) { try body(position, values) }
    }
  }

  private static func outline(
    from channel: FrameChannel, _ path: String
  ) throws(WeightError) -> WeightOutline {
    let length = try length(of: .outline, from: channel, path)
    guard length <= ReaderFrame.mostText, let bytes = channel.receive(length, of: UInt8.self),
      let outline = try? JSONDecoder().decode(WeightOutline.self, from: Data(bytes)),
      outline.arrays.allSatisfy(\.isCountable), outline.model?.isSound ?? true
    else { throw damage(path) }
    return outline
  }

  /// The length of the frame that must come next.
  private static func length(
    of kind: ReaderFrame, from channel: FrameChannel, _ path: String
  ) throws(WeightError) -> Int {
    guard let head = channel.head() else { throw damage(path) }
    if head.kind == kind { return head.length }
    guard head.kind == .refusal, head.length <= ReaderFrame.mostText,
      let bytes = channel.receive(head.length, of: UInt8.self),
      let error = try? JSONDecoder().decode(WeightError.self, from: Data(bytes))
    else { throw damage(path) }
    throw error
  }

  private static func damage(_ path: String) -> WeightError {
    WeightError(file: path, rule: "is damaged: HDF5 could not read it")
  }
}
