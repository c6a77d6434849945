// SPDX-License-Identifier: Apache-2.0

import Settings

/// What convolutions begin as, where that is not drawn: `identityKernels` and `whiteningStem` in files.
public struct FirstKernels: Hashable, Sendable {
  /// Whether every convolution that can begins as the identity; see `IdentityInitialization`.
  public let areIdentities: Bool
  /// Whether the first convolution begins by whitening; see `WhiteningInitialization`.
  public let whitenStem: Bool

  init(_ fields: inout Fields) throws(SettingsError) {
    areIdentities = try fields.bool(
      "identityKernels", default: false,
      "whether every convolution that can begins as the identity (Jordan, 2024)",
      recorded: .unlessDefault)
    whitenStem = try fields.bool(
      "whiteningStem", default: false,
      "whether the first convolution begins by whitening patches of training images (Page, 2019)",
      recorded: .unlessDefault)
  }

  /// The first option that is on, by its name; nil where none is.
  public var name: String? {
    areIdentities ? "identityKernels" : whitenStem ? "whiteningStem" : nil
  }
}
