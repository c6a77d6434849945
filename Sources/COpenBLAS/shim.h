// SPDX-License-Identifier: Apache-2.0

// OpenBLAS: single-precision matrix products.
#include <cblas.h>
