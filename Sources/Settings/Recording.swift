// SPDX-License-Identifier: Apache-2.0

/// When a field with a default becomes part of what is recorded, and so of a run's identity.
public enum Recording: Sendable {
  /// Whatever its value. For fields that are as old as the first run files.
  case always
  /// Where it is not the default, so that runs keep their identity which are older than the field.
  case unlessDefault
  /// Where the file says it, be it the default.
  case whereSaid
}

extension Fields {
  /// Records what was read of a field with a default.
  mutating func record(
    _ name: String, _ value: JSON, default fallback: JSON, _ recording: Recording
  ) {
    let isRecorded =
      switch recording {
      case .always: true
      case .unlessDefault: value != fallback
      case .whereSaid: contains(name)
      }
    if isRecorded { record(name, value) } else { leaveOut(name) }
  }

  /// Records a field that may be absent.
  mutating func record(_ name: String, said value: JSON?) {
    if let value { record(name, value) } else { leaveOut(name) }
  }
}
