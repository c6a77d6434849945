// The transforms of Winograd's algorithm F(2×2, 3×3), which makes 2×2 outputs of a 3×3 window with
// 16 products instead of 36: products of transformed windows of 4×4 pixels and transformed kernels,
// transformed back. The kernel's gradient is the same turned round. What is multiplied by is 1, 1/2
// and 1/4 only. The products are the direct convolution's, of 1×1 windows.
// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, section 4.1.
#include "Vectors.h"

/// A block of 2×2 output pixels of a tile, counted through its images.
typedef struct {
  ptrdiff_t image, row, column;
} ck_block;

CK_INLINE ck_block ck_block_at(const ck_tile *tile, ptrdiff_t index) {
  ptrdiff_t columns = (tile->width + 1) / 2, rows = (tile->height + 1) / 2;
  return (ck_block){index / (rows * columns), index / columns % rows, index % columns};
}

CK_INLINE void ck_block_advance(ck_block *block, const ck_tile *tile) {
  if (2 * ++block->column < tile->width) return;
  block->column = 0;
  if (2 * ++block->row < tile->height) return;
  block->row = 0;
  block->image++;
}

#define LEVEL portable
#define TARGET __attribute__((unused))
#define VECTOR f4
#define LANES 4
#include "winograd_level.h"
#undef LEVEL
#undef TARGET
#undef VECTOR
#undef LANES

#if defined(__x86_64__)
#define LEVEL avx2
#define TARGET __attribute__((unused, target("arch=x86-64-v3")))
#define VECTOR f8
#define LANES 8
#include "winograd_level.h"
#undef LEVEL
#undef TARGET
#undef VECTOR
#undef LANES

#define LEVEL avx512
#define TARGET __attribute__((unused, target("arch=x86-64-v4"), min_vector_width(512)))
#define VECTOR f16
#define LANES 16
#include "winograd_level.h"
#endif

void ck_winograd_windows(
    const float *x, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *windows,
    ptrdiff_t stride) {
  CK_BY_LEVEL(winograd_windows, x, tile, first, count, windows, stride);
}

void ck_winograd_pixels(
    const float *products, ptrdiff_t stride, const ck_tile *tile, ptrdiff_t first,
    ptrdiff_t count, const float *bias, float *y, int accumulate, int isRectified) {
  CK_BY_LEVEL(
      winograd_pixels, products, stride, tile, first, count, bias, y, accumulate, isRectified);
}

void ck_winograd_gradients(
    const float *dy, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *gradients,
    ptrdiff_t stride) {
  CK_BY_LEVEL(winograd_gradients, dy, tile, first, count, gradients, stride);
}

void ck_winograd_kernel(float *taps, ptrdiff_t stride, ptrdiff_t start, ptrdiff_t count) {
  CK_BY_LEVEL(winograd_kernel, taps, stride, start, count);
}

void ck_winograd_taps(const float *sums, ptrdiff_t stride, ptrdiff_t count, float *taps) {
  CK_BY_LEVEL(winograd_taps, sums, stride, count, taps);
}
