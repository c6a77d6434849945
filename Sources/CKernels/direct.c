// Convolution without rows of windows: every output pixel reads its window where it lies, in an
// image (1×1) or in a padded copy of a band of one. The sums of a block of pixels and channels stay
// in registers for the whole window; nothing is laid out anew but the kernel.
#include "Vectors.h"

#define LEVEL portable
#define TARGET __attribute__((unused))
#define VECTOR f4
#define LANES 4
#if defined(__aarch64__)
#define VECTORS 4
#else
#define VECTORS 2
#define PIXELS 4
#endif
#include "direct_level.h"
#undef LEVEL
#undef TARGET
#undef VECTOR
#undef LANES
#undef VECTORS
#undef PIXELS

#if defined(__x86_64__)
#define LEVEL avx2
#define TARGET __attribute__((unused, target("arch=x86-64-v3")))
#define VECTOR f8
#define LANES 8
#define VECTORS 2
#define PIXELS 6
#include "direct_level.h"
#undef LEVEL
#undef TARGET
#undef VECTOR
#undef LANES
#undef VECTORS
#undef PIXELS

#define LEVEL avx512
#define TARGET __attribute__((unused, target("arch=x86-64-v4"), min_vector_width(512)))
#define VECTOR f16
#define LANES 16
#define VECTORS 4
#include "direct_level.h"
#endif

void ck_pack_kernel(
    const float *kernel, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *scale,
    const float *bias, float *packed) {
  CK_BY_LEVEL(pack, kernel, rows, columns, stride, scale, bias, packed);
}

void ck_direct_rows(
    const float *x, const ck_tile *tile, const float *packed, const float *next,
    const float *addend, float *y, int isRectified) {
  CK_BY_LEVEL(rows, x, tile, packed, next, addend, y, isRectified);
}

void ck_direct_outer(
    const float *x, const float *dy, const ck_tile *tile, float *scratch, int adds, float *sums) {
  CK_BY_LEVEL(outer, x, dy, tile, scratch, adds, sums);
}
