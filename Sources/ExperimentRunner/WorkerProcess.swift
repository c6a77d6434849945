// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Synchronization

/// One worker as its parent sees it.
final class WorkerProcess {
  let index: Int
  /// The run in its hands.
  var current: PlannedRun?
  private let process = Process()
  private let input = Pipe()
  /// Writes to the worker: one that reads nothing keeps nobody waiting.
  private let writing = DispatchQueue(label: "a worker's input")

  /// Starts the process and hands it the experiment; its lines, and finally its end, go to the
  /// inbox.
  ///
  /// - Throws: the system's reason where the process cannot be started.
  init(
    _ index: Int, command: [String], experiment: String, inbox: Inbox
  ) throws(RunnerError) {
    self.index = index
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = input
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw RunnerError(SystemReason.text(of: error))
    }
    let handle = output.fileHandleForReading
    Thread.detachNewThread {
      Self.forward(handle, from: index, to: inbox)
    }
    send(experiment)
  }

  private static func forward(_ handle: FileHandle, from index: Int, to inbox: Inbox) {
    var reader = LineReader(handle.fileDescriptor)
    while let lines = reader.next() {
      for event in lines.compactMap(RunEvent.init(line:)) {
        inbox.put(Inbox.Message(worker: index, event: event))
      }
    }
    inbox.put(Inbox.Message(worker: index, event: nil))
  }

  /// - Parameter stamp: of the file that the run's new one replaces.
  func start(_ run: PlannedRun, replacing stamp: String?) {
    current = run
    send(([run.id] + [stamp].compactMap { $0 }).joined(separator: " "))
  }

  /// A worker that is gone cannot be told; the end of its output says so.
  private func send(_ line: String) {
    let handle = input.fileHandleForWriting
    writing.async { try? handle.write(contentsOf: Data("\(line)\n".utf8)) }
  }

  /// No more runs: the worker leaves when it is done.
  func finish() {
    let handle = input.fileHandleForWriting
    writing.async { try? handle.close() }
  }

  /// Asks the worker, stopped or not, to leave a checkpoint and go.
  func stop() {
    process.interrupt()
    Foundation.kill(process.processIdentifier, SIGCONT)
    finish()
  }

  /// Ends the worker at once.
  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
  }

  func waitForExit() -> ProcessEnd {
    process.waitUntilExit()
    let status = process.terminationStatus
    return process.terminationReason == .uncaughtSignal
      ? .killed(signal: status) : .exited(status: status)
  }
}

/// Messages from the workers' threads to the scheduler's.
final class Inbox: Sendable {
  /// A line from a worker, or its end.
  struct Message: Sendable {
    var worker: Int
    /// Nil where the worker's output has ended.
    var event: RunEvent?
  }

  private let messages = Mutex<[Message]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func put(_ message: Message) {
    messages.withLock { $0.append(message) }
    arrived.signal()
  }

  /// The oldest message, or nil where none came in time.
  func next(timeout seconds: Double) -> Message? {
    guard arrived.wait(timeout: .now() + seconds) == .success else { return nil }
    return messages.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }
}
