// SPDX-License-Identifier: Apache-2.0

// Convolution without rows of windows: every output pixel reads its window where it lies, in an
// image (1×1) or in a padded copy of a band of one. The sums of a block of pixels and channels stay
// in registers for the whole window; nothing is laid out anew but the kernel.
//
// The register block is the level's: VECTOR holds LANES floats, a panel is VECTORS of them wide, and
// PIXELS(q) pixels of q vectors of sums fit the registers; BLOCKS lists these blocks.
#pragma once
#include "vectors.h"

#define PANEL (VECTORS * LANES)
#define MOST_PIXELS 12
#define EACH_R UNROLLED for (int r = 0; r < R; r++)
#define EACH_Q UNROLLED for (int q = 0; q < Q; q++)

// Calls `function(r, q, ...)` with constants: the full block of q vectors, or 4, 2 or 1 pixels of it.
#define CASE(R, Q, function, ...) \
  case 8 * (R) + (Q):             \
    function(R, Q, __VA_ARGS__);  \
    break;
#define CASES(R, Q, ...) \
  CASE(R, Q, __VA_ARGS__) CASE(4, Q, __VA_ARGS__) CASE(2, Q, __VA_ARGS__) CASE(1, Q, __VA_ARGS__)
#define SWITCH(r, q, ...) \
  switch (8 * (r) + (q)) { BLOCKS(CASES, __VA_ARGS__) default : __builtin_unreachable(); }

/// Vectors of the panel that begins before so many columns: all panels but the last are full.
CK_INLINE int panel_vectors(ptrdiff_t remaining) {
  return remaining >= PANEL ? VECTORS : (int)((remaining + LANES - 1) / LANES);
}

/// Pixels of the next block of q vectors.
CK_INLINE ptrdiff_t block_pixels(int q, ptrdiff_t remaining) {
  ptrdiff_t most = PIXELS(q);
  return remaining >= most ? most : remaining >= 4 ? 4 : remaining >= 2 ? 2 : 1;
}

/// A window's row as runs of channels: taps that follow each other without a gap are one run.
typedef struct {
  ptrdiff_t count, length;
} ck_runs;

CK_INLINE ck_runs runs_of(const ck_tile *g) {
  return g->tapStep == g->inputs ? (ck_runs){1, g->kernelWidth * g->inputs}
                                 : (ck_runs){g->kernelWidth, g->inputs};
}

static void pack_kernel(
    const float *kernel, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *scale,
    const float *bias, float *packed) {
  for (ptrdiff_t n = 0; n < columns; n += PANEL) {
    ptrdiff_t width = panel_vectors(columns - n) * LANES, count = ck_min(width, columns - n);
    for (ptrdiff_t i = 0; i < width; i++) packed[i] = bias && i < count ? bias[n + i] : 0;
    packed += width;
    for (ptrdiff_t k = 0; k < rows; k++, packed += width) {
      const float *row = kernel + k * stride + n;
      if (scale) {
        for (ptrdiff_t i = 0; i < count; i++) packed[i] = row[i] * scale[n + i];
      } else {
        for (ptrdiff_t i = 0; i < count; i++) packed[i] = row[i];
      }
      for (ptrdiff_t i = count; i < width; i++) packed[i] = 0;
    }
  }
}

// MARK: Outputs

/// R pixels of Q vectors of outputs: each vector of the kernel read feeds all pixels. Memory from
/// `ahead` on is prefetched meanwhile, 16 floats for every row of the kernel.
CK_INLINE void rows_block(
    const int R, const int Q, const float *const *x, const ck_tile *g, const float *kernel,
    const float *ahead, float *const *y, int isRectified) {
  const ck_runs runs = runs_of(g);
  VECTOR sum[MOST_PIXELS][4];
  EACH_R { EACH_Q sum[r][q] = LOAD(VECTOR, kernel + q * LANES); }
  kernel += Q * LANES;
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < runs.count; kw++) {
      const float *pixel[MOST_PIXELS];
      EACH_R pixel[r] = x[r] + kh * g->tapRow + kw * g->tapStep;
      // Elsewhere it would fill one more line of decoded instructions: 1 to 3 %.
      // clang-format off
      [[clang::code_align(64)]]
      // clang-format on
      for (ptrdiff_t i = 0; i < runs.length; i++, kernel += Q * LANES, ahead += 16) {
        __builtin_prefetch(ahead, 0, 2);
        VECTOR weight[4];
        EACH_Q weight[q] = LOAD(VECTOR, kernel + q * LANES);
        EACH_R {
          float value = pixel[r][i];
          EACH_Q sum[r][q] += weight[q] * value;
        }
      }
    }
  }
  EACH_R {
    EACH_Q STORE(VECTOR, y[r] + q * LANES) =
        isRectified ? CK_RECTIFIED(VECTOR, sum[r][q]) : sum[r][q];
  }
}

/// Where a tile's pixels lie, one after another.
typedef struct {
  ptrdiff_t image, row, column;
} ck_pixel;

CK_INLINE void next_pixel(ck_pixel *at, const ck_tile *g) {
  if (++at->column < g->width) return;
  at->column = 0;
  if (++at->row < g->height) return;
  at->row = 0;
  at->image++;
}

/// Sums made elsewhere to their place: `count` outputs, plus the addend that lies like them.
CK_INLINE void store_edge(
    const float *sums, ptrdiff_t count, const float *addend, int isRectified, float *y) {
  if (!addend) {
    for (ptrdiff_t k = 0; k < count; k++) y[k] = sums[k];
    return;
  }
  for (ptrdiff_t k = 0; k < count; k++) {
    float sum = sums[k] + addend[k];
    y[k] = isRectified && sum < 0 ? 0 : sum;
  }
}

/// One panel of outputs of a tile, whose first output is y. Memory from `ahead` on, `aheadFloats` of
/// it, is prefetched by the first blocks; the others prefetch what is there already.
CK_INLINE void rows_panel(
    const float *x, const ck_tile *g, const float *packed, const float *ahead,
    ptrdiff_t aheadFloats, ptrdiff_t count, const ck_epilogue *epilogue, float *y) {
  const int q = panel_vectors(count), isRectified = epilogue->isRectified;
  const ck_runs runs = runs_of(g);
  const ptrdiff_t step = 16 * g->kernelHeight * runs.count * runs.length;
  const ptrdiff_t total = g->images * g->height * g->width;
  const float *addend = epilogue->addend;
  ck_pixel at = {};
  ptrdiff_t done = 0;
  for (ptrdiff_t p = 0, r = 0; p < total; p += r) {
    r = block_pixels(q, total - p);
    const float *from[MOST_PIXELS];
    float *to[MOST_PIXELS], *place[MOST_PIXELS], edge[MOST_PIXELS * PANEL];
    for (ptrdiff_t i = 0; i < r; i++) {
      from[i] = x + at.image * g->xImage + at.row * g->xRow + at.column * g->xStep;
      to[i] = y + at.image * g->yImage + at.row * g->yRow + at.column * g->yStep;
      // The stride between pixels defeats the hardware prefetcher.
      for (ptrdiff_t k = 0; addend && k < count; k += 16) {
        __builtin_prefetch(addend + (to[i] - y) + k);
      }
      next_pixel(&at, g);
      place[i] = count < q * LANES || addend ? edge + i * PANEL : to[i];
    }
    SWITCH(
        r, q, rows_block, from, g, packed, done < aheadFloats ? ahead + done : packed, place,
        isRectified && !addend)
    done += step;
    for (ptrdiff_t i = 0; i < r && place[i] != to[i]; i++) {
      store_edge(place[i], count, addend ? addend + (to[i] - y) : 0, isRectified, to[i]);
    }
  }
}

static void direct_rows(
    const float *x, const ck_tile *tile, const float *packed, const float *next,
    const ck_epilogue *epilogue, float *y) {
  const ck_tile g = *tile;
  const ptrdiff_t rows = 1 + g.kernelHeight * g.kernelWidth * g.inputs;
  for (ptrdiff_t n = 0; n < g.outputs; n += PANEL) {
    ptrdiff_t floats = rows * panel_vectors(g.outputs - n) * LANES;
    const float *ahead = n + PANEL < g.outputs ? packed + floats : next;
    const ck_epilogue e = {0, epilogue->addend ? epilogue->addend + n : 0, epilogue->isRectified};
    rows_panel(x, &g, packed, ahead, ahead ? floats : 0, ck_min(PANEL, g.outputs - n), &e, y + n);
    packed += floats;
  }
}

// MARK: The kernel's gradient

/// R inputs of one tap times Q vectors of outputs, summed over all pixels of the tile.
CK_INLINE void outer_block(
    const int R, const int Q, const float *x, const float *dy, const ck_tile *g, int accumulate,
    float *sums, ptrdiff_t stride) {
  VECTOR sum[MOST_PIXELS][4];
  EACH_R {
    // Prefetched now, since the stride defeats the hardware prefetcher, and here when written.
    EACH_Q __builtin_prefetch(sums + r * stride + q * LANES, 1);
    __builtin_prefetch(sums + r * stride + Q * LANES - 1, 1);
    EACH_Q sum[r][q] = (VECTOR){};
  }
  for (ptrdiff_t image = 0; image < g->images; image++) {
    for (ptrdiff_t row = 0; row < g->height; row++) {
      const float *value = x + image * g->xImage + row * g->xRow;
      const float *gradient = dy + image * g->yImage + row * g->yRow;
      for (ptrdiff_t i = 0; i < g->width; i++, value += g->xStep, gradient += g->yStep) {
        VECTOR d[4];
        EACH_Q d[q] = LOAD(VECTOR, gradient + q * LANES);
        EACH_R {
          float v = value[r];
          EACH_Q sum[r][q] += d[q] * v;
        }
      }
    }
  }
  EACH_R {
    EACH_Q {
      if (accumulate) sum[r][q] += LOAD(VECTOR, sums + r * stride + q * LANES);
      STORE(VECTOR, sums + r * stride + q * LANES) = sum[r][q];
    }
  }
}

/// Sums of one panel, whose vectors all lie within memory.
static void outer_panel(
    const float *x, const float *dy, const ck_tile *g, int q, int accumulate, float *sums,
    ptrdiff_t stride) {
  const ck_runs runs = runs_of(g);
  for (ptrdiff_t kh = 0; kh < g->kernelHeight; kh++) {
    for (ptrdiff_t kw = 0; kw < runs.count; kw++) {
      const float *value = x + kh * g->tapRow + kw * g->tapStep;
      for (ptrdiff_t i = 0, r = 0; i < runs.length; i += r, sums += r * stride) {
        r = block_pixels(q, runs.length - i);
        SWITCH(r, q, outer_block, value + i, dy, g, accumulate, sums, stride)
      }
    }
  }
}

/// The last panel, whose last vector is not full: its gradients are copied first and filled up with
/// zeros, so that nothing beyond them is read.
static void outer_edge(
    const float *x, const float *dy, const ck_tile *g, float *scratch, int accumulate,
    ptrdiff_t count, float *sums) {
  ptrdiff_t width = panel_vectors(count) * LANES;
  ck_tile h = *g;
  h.yStep = width;
  h.yRow = g->width * width;
  h.yImage = g->height * h.yRow;
  float *copy = scratch, *part = scratch + g->images * h.yImage;
  for (ptrdiff_t image = 0; image < g->images; image++) {
    for (ptrdiff_t row = 0; row < g->height; row++) {
      for (ptrdiff_t i = 0; i < g->width; i++, copy += width) {
        const float *d = dy + image * g->yImage + row * g->yRow + i * g->yStep;
        for (ptrdiff_t k = 0; k < width; k++) copy[k] = k < count ? d[k] : 0;
      }
    }
  }
  ptrdiff_t rows = g->kernelHeight * g->kernelWidth * g->inputs;
  outer_panel(x, scratch, &h, panel_vectors(count), 0, part, width);
  for (ptrdiff_t k = 0; k < rows; k++) {
    float *to = sums + k * g->outputs;
    for (ptrdiff_t i = 0; i < count; i++) to[i] = part[k * width + i] + (accumulate ? to[i] : 0);
  }
}

static void direct_outer(
    const float *x, const float *dy, const ck_tile *tile, float *scratch, int accumulate,
    float *sums) {
  const ck_tile g = *tile;
  for (ptrdiff_t n = 0; n < g.outputs; n += PANEL) {
    ptrdiff_t count = ck_min(PANEL, g.outputs - n);
    if (count % LANES == 0) {
      outer_panel(x, dy + n, &g, panel_vectors(count), accumulate, sums + n, g.outputs);
    } else {
      outer_edge(x, dy + n, &g, scratch, accumulate, count, sums + n);
    }
  }
}

#undef EACH_R
#undef EACH_Q
