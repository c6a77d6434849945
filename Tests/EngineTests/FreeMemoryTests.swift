// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Engine

/// What the machine can give, as the files of each kind of system tell it.
@Suite struct FreeMemoryTests {
  private static let physical = 16_000_000_000
  private static let information = """
    MemTotal:       24684092 kB
    MemFree:         1000000 kB
    MemAvailable:    8000000 kB
    Buffers:          128976 kB
    """

  private func free(_ files: [String: String]) -> Int {
    FreeMemory(physical: Self.physical) { files[$0] }.bytes
  }

  /// A machine with 8,192,000,000 bytes available and these files of control groups.
  private func free(group: String, _ files: [String: String]) -> Int {
    free(files.merging(["/proc/meminfo": Self.information, "/proc/self/cgroup": group]) { $1 })
  }

  @Test func whereNothingSaysWhatIsFreeAllMemoryCounts() {
    #expect(free([:]) == Self.physical)
    for text in ["", "MemFree: 1 kB", "MemAvailable:", "MemAvailable: many kB"] {
      #expect(free(["/proc/meminfo": text]) == Self.physical, "\(text)")
    }
  }

  @Test func linuxSaysWhatIsAvailable() {
    #expect(free(["/proc/meminfo": Self.information]) == 8_192_000_000)
    #expect(free(["/proc/meminfo": "MemAvailable: 99000000 kB"]) == Self.physical)
    #expect(free(["/proc/meminfo": "MemAvailable: 0 kB"]) == 0)
  }

  @Test func aGroupsLimitCountsWhereItLeavesLess() {
    let root = "/sys/fs/cgroup/jobs/one"
    let files = ["\(root)/memory.max": "3000000000\n", "\(root)/memory.current": "1000000000\n"]
    #expect(free(group: "0::/jobs/one\n", files) == 2_000_000_000)
    #expect(
      free(group: "0::/jobs/one", files.merging(["\(root)/memory.max": "max\n"]) { $1 })
        == 8_192_000_000)
    #expect(
      free(group: "0::/jobs/one", files.merging(["\(root)/memory.max": "90000000000\n"]) { $1 })
        == 8_192_000_000)
    #expect(
      free(group: "0::/jobs/one", files.merging(["\(root)/memory.current": "3100000000\n"]) { $1 })
        == 0)
    #expect(free(group: "0::/elsewhere", files) == 8_192_000_000)
  }

  /// Files that were read stay in memory as long as nobody wants it.
  @Test func pagesOfFilesAreNotUsed() {
    let root = "/sys/fs/cgroup"
    let files = [
      "\(root)/memory.max": "3000000000", "\(root)/memory.current": "2900000000",
      "\(root)/memory.stat": "anon 1\ninactive_file 1500000000\nactive_file 400000000\nfile 7\n",
    ]
    #expect(free(group: "0::/", files) == 2_000_000_000)
  }

  @Test func theTightestGroupAboveCounts() {
    func files(_ limits: [(String, Int)]) -> [String: String] {
      limits.reduce(into: [:]) { files, group in
        files["/sys/fs/cgroup\(group.0)/memory.max"] = "\(group.1)"
        files["/sys/fs/cgroup\(group.0)/memory.current"] = "500"
      }
    }
    let limits = [("/a/b", 4_000_000_500), ("/a", 2_000_000_500), ("", 3_000_000_500)]
    #expect(free(group: "0::/a/b", files(limits)) == 2_000_000_000)
    #expect(free(group: "0::/a/b", files([limits[0], limits[2]])) == 3_000_000_000)
    // A container is told a path that it does not see.
    #expect(free(group: "0::/a/b", files([limits[2]])) == 3_000_000_000)
  }

  @Test func theFirstVersionOfGroupsIsRead() {
    let root = "/sys/fs/cgroup/memory/session"
    let group = "9:name=systemd:/\n5:cpu,cpuacct:/\n4:memory:/session\n0::/\n"
    let files = [
      "\(root)/memory.limit_in_bytes": "4000000000\n",
      "\(root)/memory.usage_in_bytes": "3500000000\n",
      "\(root)/memory.stat": "cache 9\ninactive_file 1\ntotal_inactive_file 100\n"
        + "total_active_file 400\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "23000000000\n",
    ]
    #expect(free(group: group, files) == 500_000_500)
    #expect(free(group: group.replacing("memory", with: "blkio"), files) == 8_192_000_000)
    #expect(free(group: "nonsense\n::\n\n4:memory", files) == 8_192_000_000)
  }

  @Test func thisMachineHasSome() {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    #expect((1...physical).contains(FreeMemory.now.bytes))
  }
}
