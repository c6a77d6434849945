import Foundation
import Synchronization

/// One worker as its parent sees it.
final class WorkerProcess {
  let index: Int
  /// The run in its hands.
  var current: PlannedRun?
  private let process = Process()
  private let input = Pipe()

  /// Starts the process and hands it the experiment; its lines, and finally its end, go to the
  /// inbox.
  init(_ index: Int, command: [String], experiment: String, inbox: Inbox) throws {
    self.index = index
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let handle = output.fileHandleForReading
    Thread.detachNewThread {
      Self.forward(handle, from: index, to: inbox)
    }
    send(experiment)
  }

  private static func forward(_ handle: FileHandle, from index: Int, to inbox: Inbox) {
    var rest = Data()
    while true {
      let data = handle.availableData
      if data.isEmpty { break }
      rest += data
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
        rest = Data(rest[rest.index(after: end)...])
        if let event = RunEvent(line: line) {
          inbox.put(Inbox.Message(worker: index, event: event))
        }
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
    try? input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

  /// No more runs: the worker leaves when it is done.
  func finish() {
    try? input.fileHandleForWriting.close()
  }

  /// Asks the worker to leave a checkpoint and go.
  func stop() {
    process.interrupt()
    finish()
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
