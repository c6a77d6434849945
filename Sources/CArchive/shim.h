// libarchive: reads .tar.gz and .gz files of data sets.
#include <archive.h>
#include <archive_entry.h>
