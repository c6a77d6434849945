// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a worker tells of its runs, one JSON line each on its standard output.
public struct RunEvent: Codable, Equatable, Sendable {
  /// What happened.
  public enum Kind: String, Codable, Sendable {
    /// `step` of `steps` done.
    case progress
    /// An evaluation after an epoch.
    case evaluation
    /// Another process does the run; the worker is free for the next one.
    case busy
    /// The run has a checkpoint that cannot be gone on from, for `message`'s reason, and begins anew.
    case begunAnew
    /// Something failed by which nothing is lost, as `message` says.
    case note
    /// The run's process died, for `message`'s reason; another one goes on. Told by the scheduler.
    case restarted
    /// Nothing is left but runs that other processes do. Told by the scheduler.
    case waiting
    /// The run file is written.
    case finished
    /// Another process has written the run file meanwhile.
    case found
    /// The same, and the file lacks what was asked for, as `message` says: the run is made again. Told
    /// by the scheduler.
    case reopened
    /// Another process has done the run, and it failed for `message`'s reason. Told by the scheduler.
    case foundFailed
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
  /// Epochs done, of `epochs`.
  public var epoch = 0
  public var epochs = 0
  /// The mean loss over the steps of the epoch in progress, or of the last one.
  public var trainLoss: Double?
  /// Of the last evaluation, on the set that `accuracyName` names (`test/top1`); a fraction.
  public var accuracy: Double?
  public var accuracyName: String?
  /// Of training, without evaluations.
  public var imagesPerSecond: Double?
  public var message: String?

  public init(_ kind: Kind, run: String) {
    self.kind = kind
    self.run = run
  }

  /// Whether the run is out of the worker's hands.
  var isEnd: Bool {
    ![.progress, .evaluation, .waiting, .begunAnew, .note, .restarted].contains(kind)
  }

  /// The event of one line, or nil where the line is none.
  init?(line: String) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let event = try? decoder.decode(RunEvent.self, from: Data(line.utf8)) else { return nil }
    self = event
  }

  /// The event as one line, without its end. A diverging run has losses that JSON has no numbers
  /// for; they are texts.
  var line: String {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(self) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
