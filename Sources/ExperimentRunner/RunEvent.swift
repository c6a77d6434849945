import Foundation

/// What a worker tells of its runs, one JSON line each on its standard output.
public struct RunEvent: Codable, Sendable {
  /// What happened.
  public enum Kind: String, Codable, Sendable {
    /// `step` of `steps` done.
    case progress
    /// Another process does the run; this one waits for it.
    case waiting
    /// The run file is written.
    case finished
    /// The run cannot end well (a loss that is not finite); its file says so.
    case failed
    /// Stopped with a checkpoint.
    case interrupted
    /// The run could not be done, for `message`'s reason, and may be tried again.
    case error
  }

  public var kind: Kind
  public var run: String
  public var step = 0
  public var steps = 0
  public var loss: Double?
  public var message: String?

  public init(_ kind: Kind, run: String) {
    self.kind = kind
    self.run = run
  }

  /// The event of one line, or nil where the line is none.
  init?(line: String) {
    guard let event = try? JSONDecoder().decode(RunEvent.self, from: Data(line.utf8)) else {
      return nil
    }
    self = event
  }

  /// The event as one line, without its end.
  var line: String {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .throw
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
