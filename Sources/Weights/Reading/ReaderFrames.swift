// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a reader's process says through its pipe: a kind in one byte, a length in eight, and as
/// many bytes.
enum ReaderFrame: UInt8 {
  /// An outline as JSON.
  case outline = 1
  /// One array's floats.
  case values = 2
  /// A `WeightError` as JSON; the last frame.
  case refusal = 3

  /// Nothing but a network's largest array is longer.
  static let mostBytes = 1 << 36
  static let mostText = 1 << 26
}

/// One end of a pipe.
struct FrameChannel {
  let descriptor: Int32

  /// Writes a frame; false where nobody reads any more.
  func send<Value: BitwiseCopyable>(_ kind: ReaderFrame, _ payload: [Value]) -> Bool {
    let length = payload.count * MemoryLayout<Value>.stride
    var head = [kind.rawValue]
    withUnsafeBytes(of: UInt64(length).littleEndian) { head += $0 }
    return writeAll(head) && writeAll(payload)
  }

  private func writeAll<Value: BitwiseCopyable>(_ values: [Value]) -> Bool {
    values.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        guard count > 0 || errno == EINTR else { return false }
        done += max(count, 0)
      }
      return true
    }
  }

  /// The kind and length of the next frame; nil at the end, or where there is no frame.
  func head() -> (kind: ReaderFrame, length: Int)? {
    guard let bytes = receive(9, of: UInt8.self), let kind = ReaderFrame(rawValue: bytes[0]) else {
      return nil
    }
    let length = bytes[1...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(ReaderFrame.mostBytes) else { return nil }
    return (kind, Int(length))
  }

  /// As many values as were announced; nil where the pipe ends before.
  func receive<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type) -> [Value]? {
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, filled in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      var done = 0
      while done < bytes.count {
        let more = read(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        guard more > 0 || (more < 0 && errno == EINTR) else { break }
        done += max(more, 0)
      }
      filled = done / MemoryLayout<Value>.stride
    }
    return values.count == count ? values : nil
  }

  /// Makes the pipe hold a mebibyte, where the system can: large arrays then pass in few turns.
  func widen() {
    #if os(Linux)
      // F_SETPIPE_SZ, which Glibc's module does not name.
      _ = fcntl(descriptor, 1031, 1 << 20)
    #endif
  }
}
