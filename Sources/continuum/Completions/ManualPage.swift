// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner

/// The page of `man continuum`, from the declarations of commands and flags.
struct ManualPage {
  let commands: [any Command.Type]

  var source: String {
    """
    .\\" Made by `continuum help --man`.
    .TH CONTINUUM 1 "" "continuum \(Provenance.version)" "User Commands"
    .SH NAME
    continuum \\- which point between a regular and a depthwise separable convolution is best?
    .SH SYNOPSIS
    .B continuum
    .I COMMAND
    [arguments]
    .SH DESCRIPTION
    Describes convolutional networks, trains them over the spectrum between a regular and a depthwise
    separable convolution at matched budgets, and makes tables and figures of what came out.
    .SH COMMANDS
    \(commands.map(section).joined())\
    .SH GLOBAL OPTIONS
    \(GlobalFlags.all.map(item).joined())\
    .SH EXIT STATUS
    0 done, 1 a run failed, 2 wrong usage or bad input, 130 interrupted.
    .SH ENVIRONMENT
    .TP
    .B CONTINUUM_DATA
    The folder of the data sets, where \\-\\-data names none.
    .TP
    .B CONTINUUM_LEVEL
    Lets a processor compute as a lesser one does: avx2 or portable.

    """
  }

  private func section(_ command: any Command.Type) -> String {
    var text = ".SS \(Self.escaped(command.name))\n\(Self.line(command.summary))\n"
    text += ".PP\n.B \(Self.escaped(command.usage))\n"
    if !command.discussion.isEmpty { text += Self.verbatim(command.discussion) }
    text += command.flags.map(item).joined()
    return text + ".PP\nFor example:\n" + Self.verbatim(command.examples.joined(separator: "\n"))
  }

  private func item(_ flag: any AnyFlag) -> String {
    ".TP\n.B \(Self.escaped(flag.usage))\n\(Self.line(flag.summary))\n"
  }

  /// Lines as they stand.
  private static func verbatim(_ text: String) -> String {
    ".PP\n.nf\n"
      + text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { line(String($0)) + "\n" }.joined() + ".fi\n"
  }

  /// A line of text, which is no request even where it begins as one.
  private static func line(_ text: String) -> String {
    let escaped = escaped(text)
    return [".", "'"].contains { escaped.hasPrefix($0) } ? "\\&\(escaped)" : escaped
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
  }
}
