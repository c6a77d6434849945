// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// Clocks that somebody sets while a run goes on.
@Suite struct ClockTests {
  /// A library that moves the wall clock to and fro ten times a second: none, an hour back, five days
  /// ahead. All other clocks stay as they are.
  private static let source = """
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>

    static time_t shift(void) {
      static const time_t shifts[3] = {0, -3600, 5 * 86400};
      struct timespec now;
      syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
      return shifts[(now.tv_sec * 10 + now.tv_nsec / 100000000) % 3];
    }

    int clock_gettime(clockid_t clock, struct timespec *now) {
      int status = (int)syscall(SYS_clock_gettime, clock, now);
      if (clock == CLOCK_REALTIME) now->tv_sec += shift();
      return status;
    }

    int gettimeofday(struct timeval *restrict now, void *restrict zone) {
      struct timespec time;
      clock_gettime(CLOCK_REALTIME, &time);
      now->tv_sec = time.tv_sec;
      now->tv_usec = time.tv_nsec / 1000;
      return 0;
    }

    time_t time(time_t *result) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (result) *result = now.tv_sec;
      return now.tv_sec;
    }
    """

  @Test(.enabled(if: Interposer.isPossible, Interposer.need))
  func timesAreRightWhateverTheWallClockDoes() throws {
    let scratch = try ScratchFolder()
    let preload = try Interposer(Self.source, in: scratch).prefix
    let dates = try Tool.shell(
      "for i in {1..30}; do \(preload) date +%s; sleep 0.03; done", in: scratch.url)
    let seconds = dates.output.split(separator: "\n").compactMap { Int($0) }
    try #require((seconds.max() ?? 0) - (seconds.min() ?? 0) > 86400, "the clock is not moved")

    let start = SuspendingClock.now
    let outcome = try Tool.shell(
      """
      \(preload) continuum train probe --dataset coupling --set data.channels=4 \
      --set data.classes=4 --set data.size=8 --set data.train=128 --set data.test=32 \
      --set data.calibrationImages=256 --batch 16 --epochs 40 --checkpoint-every 0 --results timed
      """, in: scratch.url)
    let whole = (SuspendingClock.now - start) / .seconds(1)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let records = try RunDirectory.records(in: scratch.url.appending(path: "timed").path)
    let provenance = try #require(records.first).provenance
    #expect(provenance.millisecondsPerStep > 0)
    // Seven of eight steps of an epoch are timed.
    #expect(provenance.millisecondsPerStep * 280 < 1000 * whole)
    #expect(provenance.seconds > 0 && provenance.seconds < whole)
    #expect(provenance.sessions.map(\.lastEpoch) == [40])
    #expect(provenance.sessions.allSatisfy { $0.seconds > 0 && $0.seconds < whole })
  }
}
