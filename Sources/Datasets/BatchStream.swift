// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Batches made ahead of their use, on other threads, and handed out in order.
///
/// What a batch holds depends on what was asked for and on nothing else, so the number of threads
/// changes no bit. In memory there are never more than one batch a thread and one that is in use.
public final class BatchStream {
  /// What a batch is made of.
  public struct Request: Sendable {
    public var indices: ArraySlice<Int>
    public var epoch: Int

    public init(_ indices: ArraySlice<Int>, epoch: Int) {
      self.indices = indices
      self.epoch = epoch
    }
  }

  /// Images and labels of one batch.
  ///
  /// Shapes: `images` holds [size, height, width, channels], `labels` [size], where `size` is what
  /// the stream was made for; what lies behind `count` is left over from earlier batches.
  public struct Batch: Sendable {
    public internal(set) var images: [Float]
    public internal(set) var labels: [Int]
    /// Images that were asked for.
    public internal(set) var count = 0
    var fault: DatasetError?
  }

  /// A batch with someone to make it.
  private final class Slot: Sendable {
    let batch: Mutex<Batch>
    let isReady = DispatchSemaphore(value: 0)

    init(_ batch: Batch) {
      self.batch = Mutex(batch)
    }

    func fill(_ request: Request, from reader: BatchReader) {
      batch.withLock { batch in
        batch.count = request.indices.count
        do throws(DatasetError) {
          batch.fault = nil
          try reader.read(
            request.indices, epoch: request.epoch, into: &batch.images, labels: &batch.labels)
        } catch {
          batch.fault = error
        }
      }
      isReady.signal()
    }
  }

  private let reader: BatchReader
  private let slots: [Slot]
  private let queue = DispatchQueue(
    label: "continuum.batches", qos: .userInitiated, attributes: .concurrent)
  private let request: (Int) -> Request?
  private var asked = 0
  private var given = 0

  /// - Parameters:
  ///   - reader: makes the batches.
  ///   - size: images in a batch, at most.
  ///   - threads: pictures in files are decoded on up to four; images in memory need but one.
  ///   - request: what the first, second, … batch is made of; nil after the last. Called on the thread
  ///     that calls `next`.
  public init(
    _ reader: BatchReader, size: Int, threads: Int, request: @escaping (Int) -> Request?
  ) {
    self.reader = reader
    self.request = request
    let isInFiles = if case .files = reader.set.pixels { true } else { false }
    slots = (0..<Self.slotCount(isInFiles: isInFiles, threads: threads)).map { _ in
      Slot(
        Batch(
          images: Array(repeating: 0, count: size * reader.set.size.count),
          labels: Array(repeating: 0, count: size)))
    }
  }

  /// Batches in memory: one in use, and those that are being made.
  private static func slotCount(isInFiles: Bool, threads: Int) -> Int {
    1 + (isInFiles ? min(max(threads, 1), 4) : 1)
  }

  /// Bytes of the images of all batches in memory.
  ///
  /// - Parameters:
  ///   - size: of an image.
  ///   - batch: images in a batch.
  ///   - isInFiles: whether the images are pictures in files.
  ///   - threads: of the run.
  public static func bytes(
    _ size: ImageSize, batch: Int, isInFiles: Bool, threads: Int
  ) -> Int {
    let floats = slotCount(isInFiles: isInFiles, threads: threads) * size.count
    return MemoryLayout<Float>.stride * floats * batch
  }

  /// Gives the next batch to `body`, waiting where it is not yet made; nil after the last.
  ///
  /// - Throws: where one of its pictures cannot be decoded, with its name.
  public func next<Result>(
    _ body: (borrowing Batch) -> Result
  ) throws(DatasetError) -> Result? {
    while asked < given + slots.count, let work = request(asked) {
      let slot = slots[asked % slots.count]
      queue.async { [reader] in slot.fill(work, from: reader) }
      asked += 1
    }
    guard given < asked else { return nil }
    let slot = slots[given % slots.count]
    slot.isReady.wait()
    given += 1
    var fault: DatasetError?
    let result: Result? = slot.batch.withLock { batch in
      fault = batch.fault
      return fault == nil ? body(batch) : nil
    }
    if let fault { throw fault }
    return result
  }
}
