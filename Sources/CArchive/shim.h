// SPDX-License-Identifier: Apache-2.0

// zlib reads gzipped and plain files and checks their checksums, which libarchive's own gzip filter
// does not; libarchive then takes .tar apart.
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
