import Foundation

/// A weight file that a child process reads, so that what HDF5 makes of a damaged one cannot hurt
/// this process.
final class ReaderProcess: WeightSource {
  let outline: WeightOutline
  private let path: String
  private let child: Child

  /// Starts the child and waits for the outline.
  ///
  /// - Throws: what the child says of the file, or that it died of it.
  init(_ path: String, command: [String]) throws(WeightError) {
    self.path = path
    child = try Child(command, reading: path)
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
      outline.arrays.allSatisfy(\.isCountable)
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

/// A running reader; it ends, and what it left behind goes, with the last use of this object.
private final class Child {
  let channel: FrameChannel
  private let process = Process()
  private let output: FileHandle
  /// Where an archive is unpacked.
  private let folder: String?

  init(_ command: [String], reading path: String) throws(WeightError) {
    let pipe = Pipe()
    output = pipe.fileHandleForReading
    channel = FrameChannel(descriptor: output.fileDescriptor)
    channel.widen()
    folder = try KerasArchive.isArchive(path) ? Self.makeFolder() : nil
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = command.dropFirst() + [path]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    if let folder {
      process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder]) { $1 }
    }
    do {
      try process.run()
    } catch {
      throw WeightError(file: path, rule: "cannot be read: \(command[0]) does not start")
    }
  }

  deinit {
    try? output.close()
    if process.isRunning { process.terminate() }
    if process.processIdentifier > 0 { process.waitUntilExit() }
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// A folder that only this user can enter.
  private static func makeFolder() throws(WeightError) -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "continuum-\(UUID())")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WeightError(file: folder.path, rule: "cannot be made: \(error.localizedDescription)")
    }
    return folder.path
  }
}
