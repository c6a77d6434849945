// zlib reads gzipped and plain files and checks their checksums, which libarchive's own gzip filter
// does not; libarchive then takes .tar apart. zlib.h comes with libpng-dev, which depends on it.
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
