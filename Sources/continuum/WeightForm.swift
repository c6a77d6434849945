// SPDX-License-Identifier: Apache-2.0

import Settings
import Weights

/// The forms that `weights` writes. Those that this program also reads are written by `convert`, so that
/// nothing is lost on the way there and back; those that only others read by `export`.
enum WeightForm: String, CaseIterable, Sendable {
  case continuum
  case kerasLegacy = "keras-legacy"
  case kerasV3 = "keras-v3"
  case kerasArchive = "keras-archive"
  case onnx
  case safetensors

  /// The writer's word for it; nil of forms that are not read here.
  var format: WeightWriter.Format? { WeightWriter.Format(rawValue: rawValue) }

  /// What writes it.
  var action: WeightsCommand.Action { format == nil ? .export : .convert }

  /// Endings of file names that say a form, the longest first.
  private static let endings: [(String, WeightForm)] = [
    (".weights.h5", .kerasV3), ("_kernels.h5", .kerasLegacy), (".keras", .kerasArchive),
    (".onnx", .onnx), (".safetensors", .safetensors), (".hdf5", .continuum), (".h5", .continuum),
  ]

  /// What `--to` says, or else the name of the file.
  ///
  /// - Parameter role: what the file is called, for errors.
  /// - Throws: where neither says a form, or the form is another action's.
  static func form(
    _ arguments: Arguments, of target: String, _ role: String, for action: WeightsCommand.Action
  ) throws -> WeightForm {
    let name = target.lowercased()
    let named = endings.first { name.hasSuffix($0.0) }?.1
    guard let form = try arguments[WeightsCommand.Flags.to] ?? named else {
      let own = endings.filter { $0.1.action == action }.map(\.0)
      throw SettingsError(
        source: role, field: "", value: "\"\(target)\"",
        rule: "must end in \(own.joined(separator: ", ")), or --to must say its form")
    }
    guard form.action == action else {
      let usage = form.action == .convert ? "convert FILE OUT" : "export FILE --output OUT"
      throw CommandError.refused(
        "\(form.rawValue) is written by `continuum weights \(usage) --to \(form.rawValue)`")
    }
    return form
  }
}
