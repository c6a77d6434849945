// libpng: contact sheets of data sets.
#include <png.h>
