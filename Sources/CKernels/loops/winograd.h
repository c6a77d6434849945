// SPDX-License-Identifier: Apache-2.0

// The transforms of Winograd's algorithm F(2×2, 3×3), which makes 2×2 outputs of a 3×3 window with
// 16 products instead of 36: products of transformed windows of 4×4 pixels and transformed kernels,
// transformed back. The kernel's gradient is the same turned round. What is multiplied by is 1, 1/2
// and 1/4 only. The products are the direct convolution's, of 1×1 windows.
// Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, section 4.1.
#pragma once
#include "vectors.h"

/// A block of 2×2 output pixels of a tile, counted through its images.
typedef struct {
  ptrdiff_t image, row, column;
} ck_block;

CK_INLINE ck_block block_at(const ck_tile *tile, ptrdiff_t index) {
  ptrdiff_t columns = (tile->width + 1) / 2, rows = (tile->height + 1) / 2;
  return (ck_block){index / (rows * columns), index / columns % rows, index % columns};
}

CK_INLINE void block_advance(ck_block *block, const ck_tile *tile) {
  if (2 * ++block->column < tile->width) return;
  block->column = 0;
  if (2 * ++block->row < tile->height) return;
  block->row = 0;
  block->image++;
}

/// Floats from a tile's first output to a block's.
CK_INLINE ptrdiff_t block_output(const ck_block *b, const ck_tile *g) {
  return b->image * g->yImage + 2 * b->row * g->yRow + 2 * b->column * g->yStep;
}

// Vectors first, then what remains one by one.
#define V VECTOR
#define N LANES
#include "winograd_run.h"
#undef V
#undef N
#define V f1
#define N 1
#include "winograd_run.h"
#undef V
#undef N
#define IN_VECTORS(name) CK_JOIN(name, LANES)

static void winograd_windows(
    const float *x, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *windows,
    ptrdiff_t stride) {
  const ck_tile g = *tile;
  for (ck_block b = block_at(&g, first); count > 0; count--, windows += g.inputs) {
    const float *from = x + b.image * g.xImage + 2 * b.row * g.xRow + 2 * b.column * g.xStep;
    ptrdiff_t c = IN_VECTORS(winograd_window)(0, &g, from, windows, stride);
    winograd_window_1(c, &g, from, windows, stride);
    block_advance(&b, &g);
  }
}

static void winograd_pixels(
    const float *products, ptrdiff_t stride, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count,
    const ck_epilogue *epilogue, float *y) {
  const ck_tile g = *tile;
  for (ck_block b = block_at(&g, first); count > 0; count--, products += g.outputs) {
    ptrdiff_t at = block_output(&b, &g);
    float *to = y + at;
    for (ptrdiff_t i = 0; i < 2 * g.yStep; i += 16) {
      // Four blocks ahead: two rows written in turns defeat the hardware prefetcher.
      __builtin_prefetch(to + 8 * g.yStep + i, 1, 3);
      __builtin_prefetch(to + g.yRow + 8 * g.yStep + i, 1, 3);
    }
    const int rows = 2 * b.row + 1 < g.height ? 2 : 1, columns = 2 * b.column + 1 < g.width ? 2 : 1;
    const ck_epilogue e = {
        epilogue->bias, epilogue->addend ? epilogue->addend + at : 0, epilogue->isRectified};
    const ck_epilogue alone = {epilogue->bias, 0, epilogue->isRectified};
    ptrdiff_t c = rows + columns == 4 && !e.addend
        ? IN_VECTORS(winograd_block)(0, &g, products, stride, &alone, to, 2, 2)
        : IN_VECTORS(winograd_block)(0, &g, products, stride, &e, to, rows, columns);
    winograd_block_1(c, &g, products, stride, &e, to, rows, columns);
    block_advance(&b, &g);
  }
}

static void winograd_gradients(
    const float *dy, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *gradients,
    ptrdiff_t stride) {
  const ck_tile g = *tile;
  for (ck_block b = block_at(&g, first); count > 0; count--, gradients += g.outputs) {
    const float *from = dy + block_output(&b, &g);
    const int rows = 2 * b.row + 1 < g.height ? 2 : 1, columns = 2 * b.column + 1 < g.width ? 2 : 1;
    ptrdiff_t c = rows + columns == 4
        ? IN_VECTORS(winograd_gradient)(0, &g, from, 2, 2, gradients, stride)
        : IN_VECTORS(winograd_gradient)(0, &g, from, rows, columns, gradients, stride);
    winograd_gradient_1(c, &g, from, rows, columns, gradients, stride);
    block_advance(&b, &g);
  }
}

static void winograd_kernel(float *taps, ptrdiff_t stride, ptrdiff_t start, ptrdiff_t count) {
  ptrdiff_t c = IN_VECTORS(winograd_kernel)(0, count, taps + start, stride);
  winograd_kernel_1(c, count, taps + start, stride);
}

static void winograd_taps(const float *sums, ptrdiff_t stride, ptrdiff_t count, float *taps) {
  ptrdiff_t c = IN_VECTORS(winograd_taps)(0, count, sums, stride, taps);
  winograd_taps_1(c, count, sums, stride, taps);
}
