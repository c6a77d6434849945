// SPDX-License-Identifier: Apache-2.0

import CHDF5

/// The HDF5 library that files are written with.
public enum HDF5Version {
  /// `1.10.8`.
  public static let linked: String = {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    guard H5get_libversion(&major, &minor, &release) >= 0 else { return "unknown" }
    return "\(major).\(minor).\(release)"
  }()
}
