// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import Downloads

/// Downloads from a server on this machine that misbehaves in every known way.
@Suite struct DownloadTests {
  private typealias Response = LoopbackServer.Response

  private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

  /// A data folder that goes away with the test.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "continuum-downloads-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) -> [UInt8]? {
      FileManager.default.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) }
    }

    func write(_ name: String, _ bytes: some Collection<UInt8>) throws {
      let file = URL(fileURLWithPath: "\(path)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
  }

  private final class Notes {
    var lines: [String] = []
    func append(_ line: String) { lines.append(line) }
  }

  private let folder = Folder()
  private let told = Notes()

  private func md5(_ bytes: [UInt8]) throws -> String {
    let other = Folder()
    try other.write("file", bytes)
    return try Checksum.md5(ofFile: "\(other.path)/file")
  }

  private func file(_ server: LoopbackServer) throws -> PublishedFile {
    PublishedFile(
      address: server.address("file.bin"), md5: try md5(Self.bytes), place: "sub/file.bin")
  }

  @discardableResult
  private func fetch(
    _ server: LoopbackServer, progress: (Int, Int?) -> Bool = { _, _ in true }
  ) throws -> Download.Outcome {
    try Download(
      into: folder.path, searchPath: ProcessInfo.processInfo.environment["PATH"],
      pauses: Pauses(first: 0.001, tries: 4), note: { told.append($0) }
    ).fetch(file(server), progress: progress)
  }

  private func expectWhole() throws {
    #expect(folder.bytes("sub/file.bin") == Self.bytes)
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/sub")
    #expect(names == ["file.bin"])
  }

  @Test func checksumsAreTheKnownOnes() throws {
    #expect(try md5([]) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(try md5(Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
  }

  @Test func wholeFilesArePutInPlaceOnce() throws {
    let server = try LoopbackServer { .file(Self.bytes, for: $0) }
    var last: (Int, Int?) = (0, nil)
    let outcome = try fetch(server) { bytes, total in
      last = (bytes, total)
      return true
    }
    #expect(outcome == .fetched)
    try expectWhole()
    #expect(last.0 == 300_000 && last.1 == 300_000)
    #expect(try fetch(server) == .present)
    #expect(server.requests.count == 1)
    #expect(server.requests[0].path == "/file.bin" && server.requests[0].start == nil)
  }

  @Test func redirectionsAreFollowed() throws {
    let server = try LoopbackServer { request in
      request.path == "/file.bin"
        ? Response(status: 302, headers: ["Location: /elsewhere"])
        : .file(Self.bytes, for: request)
    }
    try fetch(server)
    try expectWhole()
    #expect(server.requests.map(\.path) == ["/file.bin", "/elsewhere"])
  }

  @Test func brokenConnectionsAreTakenUpAgain() throws {
    let server = try LoopbackServer { request in
      var response = Response.file(Self.bytes, for: request)
      response.breaksAfter = 70_000
      return response
    }
    var total: Int?
    try fetch(server) { _, all in
      total = all
      return true
    }
    try expectWhole()
    #expect(server.requests.map { $0.start ?? 0 } == [0, 70_000, 140_000, 210_000, 280_000])
    #expect(total == 300_000)
  }

  @Test func aLaterCommandGoesOnWhereTheFirstBrokeOff() throws {
    let isDown = Mutex(true)
    let server = try LoopbackServer { request in
      var response = Response.file(Self.bytes, for: request)
      if isDown.withLock({ $0 }) { response.breaksAfter = request.start == nil ? 1000 : 0 }
      return response
    }
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.reason.contains("broke off") == true)
    #expect(error?.reason.contains("file.bin.part holds 1000 bytes") == true)
    #expect(folder.bytes("sub/file.bin.part")?.count == 1000)
    isDown.withLock { $0 = false }
    try fetch(server)
    try expectWhole()
    #expect(server.requests.last?.start == 1000)
  }

  @Test func serversWithoutRangesStartOver() throws {
    let server = try LoopbackServer { _ in Response(body: Self.bytes) }
    try folder.write("sub/file.bin.part", Self.bytes[..<500])
    try fetch(server)
    try expectWhole()
    #expect(server.requests.map { $0.start ?? 0 } == [500, 0])
  }

  @Test func completePartsNeedNoServer() throws {
    let server = try LoopbackServer { _ in Response(status: 500) }
    try folder.write("sub/file.bin.part", Self.bytes)
    try fetch(server)
    try expectWhole()
    #expect(server.requests.isEmpty)
  }

  /// The server answers 416: there is nothing behind the end.
  @Test func partsThatAreTooLongStartOver() throws {
    let server = try LoopbackServer { .file(Self.bytes, for: $0) }
    try folder.write("sub/file.bin.part", Self.bytes + [1, 2, 3])
    try fetch(server)
    try expectWhole()
    #expect(server.requests.map { $0.start ?? 0 } == [300_003, 0])
  }

  @Test func partsOfAnotherFileStartOver() throws {
    let server = try LoopbackServer { .file(Self.bytes, for: $0) }
    try folder.write("sub/file.bin.part", [UInt8](repeating: 7, count: 99))
    try fetch(server)
    try expectWhole()
    #expect(server.requests.map { $0.start ?? 0 } == [99, 0])
  }

  /// A slow server: the program is stopped, not waited for.
  @Test func stoppedDownloadsKeepWhatCame() throws {
    let server = try LoopbackServer { request in
      var response = Response.file(Self.bytes, for: request)
      if request.start == nil { response.pausesAfter = 40_000 }
      return response
    }
    let started = ContinuousClock.now
    let outcome = try fetch(server) { bytes, _ in bytes < 40_000 }
    #expect(outcome == .stopped)
    #expect(ContinuousClock.now - started < .seconds(20))
    #expect(folder.bytes("sub/file.bin.part")?.count == 40_000)
    #expect(try fetch(server) == .fetched)
    try expectWhole()
  }

  @Test func wrongBytesAreNotKept() throws {
    let server = try LoopbackServer { request in
      var wrong = Self.bytes
      wrong[123_456] ^= 1
      return .file(wrong, for: request)
    }
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.reason.contains("gave a file with the MD5") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/sub") == [])
  }

  /// The tries after an answer without a file go on where the last one with bytes ended.
  @Test(arguments: [429, 503])
  func busyServersAreAskedAgain(_ status: Int) throws {
    let asked = Mutex(0)
    let server = try LoopbackServer { request in
      let count = asked.withLock { count in
        count += 1
        return count
      }
      switch count {
      case 1, 4:
        let page = Array("<html>busy</html>".utf8)
        return Response(status: status, headers: ["Retry-After: 0"], body: page)
      case 2:
        var response = Response.file(Self.bytes, for: request)
        response.breaksAfter = 1000
        return response
      case 3: return Response(status: status)
      default: return .file(Self.bytes, for: request)
      }
    }
    try fetch(server)
    try expectWhole()
    #expect(server.requests.map { $0.start ?? 0 } == [0, 0, 1000, 1000, 1000])
    #expect(told.lines.count == 4)
    #expect(
      told.lines[0].hasSuffix("is busy (HTTP \(status), which asks for 0 s); tried again in 1 s"))
  }

  @Test func serversThatStayBusyAreGivenUp() throws {
    let server = try LoopbackServer { _ in Response(status: 429) }
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.reason.contains("is busy (HTTP 429)") == true, "\(error?.reason ?? "")")
    #expect(server.requests.count == 4)
    let far = try LoopbackServer { _ in Response(status: 503, headers: ["Retry-After: 86400"]) }
    let other = #expect(throws: DownloadError.self) { try fetch(far) }
    #expect(other?.reason.contains("asks for 86400 s") == true, "\(other?.reason ?? "")")
    #expect(far.requests.count == 1)
  }

  @Test func pagesInPlaceOfFilesAreNamed() throws {
    let server = try LoopbackServer { _ in Response(body: Array("<!DOCTYPE html>sorry".utf8)) }
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.reason.contains("gave what is a web page in HTML") == true)
  }

  @Test(arguments: [403, 404, 500])
  func refusalsSayTheStatus(_ status: Int) throws {
    let server = try LoopbackServer { _ in Response(status: status) }
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.place == server.address("file.bin"))
    #expect(error?.reason.contains("\(status)") == true, "\(error?.reason ?? "")")
    #expect(folder.bytes("sub/file.bin") == nil)
  }

  @Test func serversThatAreNotThereAreNamed() throws {
    let server = try LoopbackServer { _ in Response() }
    var file = try file(server)
    file.address = "http://127.0.0.1:1/file.bin"
    let error = #expect(throws: DownloadError.self) {
      try Download(into: folder.path).fetch(file) { _, _ in true }
    }
    #expect(error?.reason.contains("cannot be fetched") == true)
  }

  @Test func otherFilesOfThatNameAreLeftAlone() throws {
    let server = try LoopbackServer { .file(Self.bytes, for: $0) }
    try folder.write("sub/file.bin", [1, 2, 3])
    let error = #expect(throws: DownloadError.self) { try fetch(server) }
    #expect(error?.reason.contains("move it away") == true)
    #expect(folder.bytes("sub/file.bin") == [1, 2, 3])
    #expect(server.requests.isEmpty)
  }

  @Test func aMissingCurlIsSaid() throws {
    let error = #expect(throws: DownloadError.self) {
      try Download(into: folder.path, searchPath: "/nowhere:/nor/here")
    }
    #expect(error?.reason.contains("apt-get install curl") == true)
  }

  @Test func foldersThatCannotBeMadeAreNamed() throws {
    let server = try LoopbackServer { .file(Self.bytes, for: $0) }
    let error = #expect(throws: DownloadError.self) {
      try Download(into: "/proc/nowhere").fetch(file(server)) { _, _ in true }
    }
    #expect(error?.place == "/proc/nowhere/sub")
  }

  @Test func theCatalogueIsSound() {
    let all = Publication.all
    #expect(all.count == 13)
    #expect(Set(all.map(\.name)).count == all.count)
    let files = all.flatMap(\.files)
    #expect(Set(files.map(\.place)).count == files.count)
    #expect(Set(files.map(\.md5)).count == files.count)
    for file in files {
      #expect(file.md5.count == 32 && file.md5.allSatisfy { "0123456789abcdef".contains($0) })
      #expect(file.address.hasPrefix("http") && file.place.hasSuffix(file.name))
      #expect(!file.place.hasPrefix("/") && !file.place.contains(".."))
    }
    #expect(
      Publication.named("xception")?.files[0].at(base: "http://a/b/").address
        == "http://a/b/xception_weights_tf_dim_ordering_tf_kernels.h5")
  }
}
