// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The `curl` program, which must be on the PATH. It knows proxies, certificates and broken
/// connections better than we could.
struct Curl {
  /// How a transfer ended.
  enum Outcome: Equatable {
    case done
    /// `progress` asked to stop.
    case stopped
    /// The connection broke; what came is kept.
    case brokeOff(String)
    /// The server cannot go on where the file ends, or says that there is nothing more.
    case cannotResume
    /// The server has too much to do; it may say how many seconds to wait.
    case busy(status: Int, retryAfter: Double?)
    case failed(String)
  }

  private let program: String

  /// - Parameter searchPath: where to look for curl; the environment's PATH unless told.
  init(
    searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
  ) throws(DownloadError) {
    let candidates = (searchPath ?? "").split(separator: ":").map { "\($0)/curl" }
    let found = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else {
      throw DownloadError(
        "data fetch",
        "needs the program curl, which is not on the PATH; "
          + "on Debian: apt-get install curl")
    }
    program = found
  }

  /// Adds to `path` what of the address it does not yet hold.
  ///
  /// - Parameter progress: told, a few times a second, of the bytes in the file, and of all bytes once
  ///   the server has said how many there are; false stops.
  func fetch(
    _ address: String, to path: String, progress: (Int, Int?) -> Bool
  ) throws(DownloadError) -> Outcome {
    let headers = "\(path).headers"
    defer { try? FileManager.default.removeItem(atPath: headers) }
    let present = Self.size(path)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = [
      "--fail", "--location", "--proto", "=http,https", "--silent", "--show-error", "--no-buffer",
      "--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60",
      "--dump-header", headers, "--continue-at", "\(present)", "--output", path, "--url", address,
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw DownloadError(program, "cannot be started: \(error.localizedDescription)")
    }
    var goesOn = true
    while process.isRunning {
      if goesOn, !progress(Self.size(path), Self.total(headers, present)) {
        goesOn = false
        // Not SIGTERM, which a child may have inherited as blocked.
        kill(process.processIdentifier, SIGKILL)
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    process.waitUntilExit()
    // One short line, which the pipe holds until now.
    let text = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
    guard goesOn, progress(Self.size(path), Self.total(headers, present)) else { return .stopped }
    return Self.outcome(
      process, String(decoding: text, as: UTF8.self), headers, resumed: present > 0)
  }

  private static func outcome(
    _ process: Process, _ text: String, _ headers: String, resumed: Bool
  ) -> Outcome {
    let status = status(headers)
    if let status, [429, 503].contains(status) {
      let after = field("retry-after", headers)
      return .busy(status: status, retryAfter: after.flatMap { Pauses.seconds($0, from: .now) })
    }
    let reason = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "curl failed"
    guard process.terminationReason == .exit else { return .brokeOff("curl was stopped") }
    switch process.terminationStatus {
    case 0: return .done
    // No byte ranges, or none behind the file's end.
    case 33: return .cannotResume
    case 22 where resumed && status == 416: return .cannotResume
    // Partial file, time-out, empty reply, TLS or receive error.
    case 18, 28, 35, 52, 55, 56, 92: return .brokeOff(reason)
    default: return .failed(reason)
    }
  }

  static func size(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.size] as? Int ?? 0
  }

  /// The lines of the last answer; redirections have answers too.
  private static func lastAnswer(_ headers: String) -> [Substring] {
    let text = (try? String(contentsOfFile: headers, encoding: .isoLatin1)) ?? ""
    let lines = text.split(whereSeparator: \.isNewline)
    let start = lines.lastIndex { $0.hasPrefix("HTTP/") } ?? lines.endIndex
    return Array(lines[start...])
  }

  private static func status(_ headers: String) -> Int? {
    lastAnswer(headers).first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }

  /// All bytes of the file, where the server says how many come.
  private static func total(_ headers: String, _ present: Int) -> Int? {
    guard let text = field("content-length", headers), let count = Int(text),
      let status = status(headers), [200, 206].contains(status)
    else { return nil }
    return status == 206 ? count + present : count
  }

  /// What a field of the last answer says.
  private static func field(_ name: String, _ headers: String) -> String? {
    let line = lastAnswer(headers).first { $0.lowercased().hasPrefix("\(name):") }
    return line?.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
  }
}
