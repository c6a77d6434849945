// OpenBLAS: single-precision matrix products.
#include <cblas.h>
