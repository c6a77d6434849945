// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// An HTTP server on 127.0.0.1 that does as it is told: gives ranges or not, breaks off, lies.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    var path: String
    /// Where the answer is to begin, if the client said.
    var start: Int?
  }

  struct Response: Sendable {
    var status = 200
    var headers: [String] = []
    var body: [UInt8] = []
    /// Bytes of the body after which the connection is closed.
    var breaksAfter: Int?
    /// Bytes of the body after which the server waits until the client has gone.
    var pausesAfter: Int?

    /// A file as a good server gives it.
    static func file(_ bytes: [UInt8], for request: Request) -> Response {
      guard let start = request.start else { return Response(body: bytes) }
      guard start < bytes.count else {
        return Response(status: 416, headers: ["Content-Range: bytes */\(bytes.count)"])
      }
      return Response(
        status: 206,
        headers: ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
        body: Array(bytes[start...]))
    }
  }

  let port: UInt16
  private let socket: Int32
  private let seen = Mutex<[Request]>([])

  /// What clients asked for, in order.
  var requests: [Request] { seen.withLock { $0 } }

  init(_ answer: @escaping @Sendable (Request) -> Response) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) | listen(socket, 8) | getsockname(socket, pointer, &length)
      }
    }
    guard socket >= 0, status == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      // Ends when the socket is shut down.
      while true {
        let client = accept(socket, nil, nil)
        guard client >= 0 else { break }
        guard let request = Self.read(client) else {
          close(client)
          continue
        }
        self?.seen.withLock { $0.append(request) }
        Self.write(answer(request), to: client)
        close(client)
      }
      close(socket)
    }
  }

  deinit { shutdown(socket, Int32(SHUT_RDWR)) }

  func address(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

  private static func read(_ client: Int32) -> Request? {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let lines = text.components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3 else { return nil }
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let start = range?.split(separator: "=").last?.split(separator: "-").first
    return Request(path: String(words[1]), start: start.flatMap { Int($0) })
  }

  private static func write(_ response: Response, to client: Int32) {
    var lines = ["HTTP/1.1 \(response.status) Answer", "Connection: close"]
    lines += response.headers
    lines.append("Content-Length: \(response.body.count)")
    let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    let bytes =
      head + response.body.prefix(response.breaksAfter ?? response.pausesAfter ?? .max)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
    guard response.pausesAfter != nil else { return }
    var rest: UInt8 = 0
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      client, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    _ = recv(client, &rest, 1, 0)
  }
}
