// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The memory that the machine can still give.
///
/// Linux: what /proc/meminfo calls available or, where that is less, what the limit of the process's
/// control group, or of a group above it, leaves. Elsewhere: all the memory that there is.
public struct FreeMemory: Hashable, Sendable {
  public let bytes: Int
  /// What the limit on its addresses leaves to a process; nil where there is none.
  private let addressBytes: Int?
  /// Whether that limit is what leaves no more.
  public let isOfAddresses: Bool

  /// - Parameters:
  ///   - bytes: what the machine can give.
  ///   - addressBytes: what the limit on its addresses leaves to a process, if there is one.
  public init(bytes: Int, addressBytes: Int? = nil) {
    self.init(bytes: bytes, addressBytes: addressBytes, isOfAddresses: false)
  }

  private init(bytes: Int, addressBytes: Int?, isOfAddresses: Bool) {
    self.bytes = bytes
    self.addressBytes = addressBytes
    self.isOfAddresses = isOfAddresses
  }

  /// What a single process with so many threads may take of it.
  public func ofProcess(threads: Int) -> FreeMemory {
    let taken = threads.multipliedReportingOverflow(by: AddressSpace.threadBytes)
    guard let addressBytes, !taken.overflow else { return self }
    let left = max(0, addressBytes - taken.partialValue)
    guard left < bytes else { return self }
    return FreeMemory(bytes: left, addressBytes: addressBytes, isOfAddresses: true)
  }

  /// As it is at this moment.
  public static var now: FreeMemory {
    FreeMemory(
      physical: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      addressBytes: AddressSpace.left
    ) { path in
      try? String(contentsOfFile: path, encoding: .utf8)
    }
  }

  /// - Parameters:
  ///   - physical: all the memory that there is, for systems that do not say what is free.
  ///   - contents: the text of a file; nil where there is none.
  init(physical: Int, addressBytes: Int? = nil, contents: (String) -> String?) {
    let available = contents("/proc/meminfo").flatMap { Self.number("MemAvailable:", in: $0) }
    let machine = available.map { min($0 * 1024, physical) } ?? physical
    let groups = (contents("/proc/self/cgroup") ?? "").split(separator: "\n")
      .compactMap(ControlGroup.init)
    self.init(
      bytes: groups.reduce(machine) { free, group in min(free, group.free(contents) ?? .max) },
      addressBytes: addressBytes)
  }

  /// The number behind a word at the start of a line.
  private static func number(_ word: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == word { return Int(words[1]) }
    }
    return nil
  }

  /// The group that limits the process's memory, under either version of the kernel's interface.
  ///
  /// Source: the Linux kernel's documentation, cgroup-v2 and cgroup-v1/memory.
  private struct ControlGroup {
    /// Where the groups' folders are.
    private let root: String
    /// From the root, `/` where the process sees no group but its own.
    private let path: String
    private let files: Files

    /// The names of what is read: under the first version, sums over the groups below have names of
    /// their own.
    private struct Files {
      var limit: String
      var usage: String
      var cache: [String]
    }

    /// A line of /proc/self/cgroup: `0::/path` or `4:memory:/path`; nil for those of other
    /// controllers.
    init?(_ line: Substring) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      path = String(parts[2])
      if parts[0] == "0" && parts[1].isEmpty {
        root = "/sys/fs/cgroup"
        files = Files(
          limit: "memory.max", usage: "memory.current", cache: ["inactive_file", "active_file"])
      } else if parts[1].split(separator: ",").contains("memory") {
        root = "/sys/fs/cgroup/memory"
        files = Files(
          limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
          cache: ["total_inactive_file", "total_active_file"])
      } else {
        return nil
      }
    }

    /// What the tightest limit from the group up to the root leaves; nil where there is none. A
    /// container may see its own group at the root and not at the path that it is told.
    func free(_ contents: (String) -> String?) -> Int? {
      var names = path.split(separator: "/")
      var least: Int?
      while true {
        let folder = ([root] + names.map(String.init)).joined(separator: "/")
        if let left = left(in: folder, contents) { least = min(least ?? .max, left) }
        guard names.popLast() != nil else { return least }
      }
    }

    /// Pages of files count as used, but the kernel takes them back before it refuses memory.
    private func left(in folder: String, _ contents: (String) -> String?) -> Int? {
      func number(_ file: String) -> Int? {
        contents("\(folder)/\(file)").flatMap {
          Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
        }
      }
      guard let limit = number(files.limit), let usage = number(files.usage) else { return nil }
      let statistics = contents("\(folder)/memory.stat") ?? ""
      let cache = files.cache.compactMap { FreeMemory.number($0, in: statistics) }.reduce(0, +)
      return max(0, limit - max(0, usage - cache))
    }
  }
}
