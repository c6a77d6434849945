// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Export
import ExperimentRunner
import Kernels
import ModelZoo
import Records
import Reports
import Settings
import Weights

/// Why a command ends early: one line for stderr and the exit code.
struct CommandError: Error, Sendable {
  var message: String
  /// Lines under the message that show what differs; empty where one line says it all.
  var block = ""
  var exitCode: ExitCode

  /// Wrong usage or bad input.
  static func refused(_ message: String) -> CommandError {
    CommandError(message: message, exitCode: .refused)
  }

  /// The command was right, but what it does went wrong.
  static func failed(_ message: String) -> CommandError {
    CommandError(message: message, exitCode: .failed)
  }

  /// Stopped by the user.
  static func interrupted(_ message: String) -> CommandError {
    CommandError(message: message, exitCode: .interrupted)
  }

  init(message: String, exitCode: ExitCode) {
    self.message = message
    self.exitCode = exitCode
  }

  /// Any module's error: those about what the user gave are refusals, the others failures.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case var error as WeightError:
      let block = error.table
      error.table = ""
      self = .refused("\(error)")
      self.block = block
    case let error as RecordError where error.isOfMachine: self = .failed("\(error)")
    case is SettingsError, is NetworkError, is BlockError, is GraphError, is DatasetError,
      is RecordError, is ReportError, is ExportError, is BudgetMatching.Failure, is MemoryShortage:
      self = .refused("\(error)")
    case let error as OutOfMemory:
      self = .failed("\(error); a smaller batch, image or width takes less")
    default: self = .failed(SystemReason.text(of: error))
    }
  }
}
