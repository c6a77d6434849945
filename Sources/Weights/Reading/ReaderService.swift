// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The child that reads one file and may die of it.
public enum ReaderService {
  /// Bytes beyond what the program had before and the size of the file.
  private static let mostMemory: UInt64 = 3 << 28

  /// Bounds this process, reads the weight file, or one array of any file, and writes what is in it
  /// to a pipe: the outline, then every array in order, as fast as the other side takes them.
  ///
  /// It may take 768 MiB of memory and the file's size, and 10 seconds of a processor and one for
  /// every 16 MiB; a core is never left.
  /// - Returns: whether all was read and taken.
  public static func serve(
    _ path: String, array: String? = nil, to descriptor: Int32 = STDOUT_FILENO
  ) -> Bool {
    bound(fileSize: fileSize(path))
    let channel = FrameChannel(descriptor: descriptor)
    do throws(WeightError) {
      let source = try source(path, array)
      guard channel.send(.outline, encoded(source.outline)) else { return false }
      var isTaken = true
      try source.read(where: { _ in isTaken }) { (_, values) throws(WeightError) in
        isTaken = isTaken && channel.send(.values, values)
      }
      return isTaken
    } catch {
      _ = channel.send(.refusal, encoded(error))
      return false
    }
  }

  private static func source(
    _ path: String, _ array: String?
  ) throws(WeightError) -> any WeightSource {
    guard let array else { return try HDF5WeightSource(path) }
    return try HDF5ArraySource(path, array: array)
  }

  private static func encoded(_ value: some Encodable) -> [UInt8] {
    // Strings and whole numbers always encode.
    (try? JSONEncoder().encode(value)).map { [UInt8]($0) } ?? []
  }

  private static func fileSize(_ path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(clamping: status.st_size) : 0
  }

  private static func bound(fileSize: UInt64) {
    let seconds = 10 + fileSize / (16 << 20)
    for (resource, most) in [
      (RLIMIT_AS, mapped() + mostMemory + fileSize), (RLIMIT_CPU, seconds), (RLIMIT_CORE, 0),
    ] {
      var limit = rlimit(rlim_cur: rlim_t(most), rlim_max: rlim_t(most))
      // A stricter bound that stands already stays; this one is then refused.
      _ = setrlimit(.init(resource.rawValue), &limit)
    }
  }

  /// The addresses that this process has already: much where libraries make room for many threads.
  private static func mapped() -> UInt64 {
    let statistics = FileManager.default.contents(atPath: "/proc/self/statm")
    let pages = statistics.flatMap {
      String(decoding: $0, as: UTF8.self).split(separator: " ").first
    }
    return (pages.flatMap { UInt64($0) } ?? 0) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
  }
}
