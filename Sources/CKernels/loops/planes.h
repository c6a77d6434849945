// SPDX-License-Identifier: Apache-2.0

// Convolution of narrow channel segments over padded channel planes. A plane's rows follow each
// other without a gap, so that a shift of the window is a shift of the pointer; the columns that
// belong to the padding are computed too and thrown away.
#pragma once
#include "vectors.h"

/// The sum of a vector's lanes, in one fixed order on every processor.
CK_INLINE float sum16(const f16 *v) {
  const float *lane = (const float *)v;
  f8 a = LOAD(f8, lane) + LOAD(f8, lane + 8);
  f4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
}

// Blocks of 4 vectors or rows and of 1, times 1 to 6 output channels.
#define R 4
#include "planes_blocks.h"
#undef R
#define R 1
#include "planes_blocks.h"
#undef R

/// How many of the remaining output channels the next block takes: at most six, evenly cut.
CK_INLINE ptrdiff_t block_outputs(ptrdiff_t remaining) {
  return remaining >= 12 ? 6 : remaining <= 6 ? remaining : (remaining + 1) / 2;
}

#define FOR_OUTPUTS(q, function, ...)          \
  switch (q) {                                 \
    case 1: function##x1(__VA_ARGS__); break;  \
    case 2: function##x2(__VA_ARGS__); break;  \
    case 3: function##x3(__VA_ARGS__); break;  \
    case 4: function##x4(__VA_ARGS__); break;  \
    case 5: function##x5(__VA_ARGS__); break;  \
    default: function##x6(__VA_ARGS__); break; \
  }

static void planes_forward(
    const float *x, const float *kernel, const ck_planes *planes, const ck_epilogue *epilogue,
    float *y) {
  const ck_planes g = *planes;
  for (ptrdiff_t p = 0; p < g.length;) {
    ptrdiff_t q = 0, step = g.length - p >= 64 ? 64 : 16;
    for (ptrdiff_t o = 0; o < g.outputs; o += q) {
      q = block_outputs(g.outputs - o);
      const ck_epilogue e = {epilogue->bias ? epilogue->bias + o : 0, 0, epilogue->isRectified};
      float *to = y + o * g.yStride + p;
      if (step == 64) {
        FOR_OUTPUTS(q, planes_forward_4, x + p, kernel + o, &g, &e, to)
      } else {
        FOR_OUTPUTS(q, planes_forward_1, x + p, kernel + o, &g, &e, to)
      }
    }
    p += step;
  }
}

static void planes_kernel_gradient(
    const float *x, const float *dy, const ck_planes *planes, float *dKernel) {
  const ck_planes g = *planes;
  ptrdiff_t total = g.kernelHeight * g.kernelWidth * g.inputs;
  for (ptrdiff_t row = 0; row < total;) {
    ptrdiff_t q = 0, count = total - row >= 4 ? 4 : 1;
    const float *rows[4];
    for (ptrdiff_t r = 0; r < count; r++) {
      ptrdiff_t tap = (row + r) / g.inputs, input = (row + r) % g.inputs;
      rows[r] = x + input * g.xStride + tap / g.kernelWidth * g.rowStride + tap % g.kernelWidth;
    }
    for (ptrdiff_t o = 0; o < g.outputs; o += q) {
      q = block_outputs(g.outputs - o);
      float *target = dKernel + row * g.outputs + o;
      if (count == 4) {
        FOR_OUTPUTS(q, planes_gradient_4, rows, dy + o * g.yStride, &g, target)
      } else {
        FOR_OUTPUTS(q, planes_gradient_1, rows, dy + o * g.yStride, &g, target)
      }
    }
    row += count;
  }
}

// MARK: Between pixels and planes

#define SWAP(v, i, k)                   \
  do {                                  \
    f16 a = (v)[i], b = (v)[(i) | (k)]; \
    (v)[i] = LOW##k(a, b);              \
    (v)[(i) | (k)] = HIGH##k(a, b);     \
  } while (0)

#define LOW1(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define HIGH1(a, b) \
  __builtin_shufflevector(a, b, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#define LOW2(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define HIGH2(a, b) \
  __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define LOW4(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define HIGH4(a, b) \
  __builtin_shufflevector(a, b, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define LOW8(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define HIGH8(a, b) \
  __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)

/// Transposes 16 vectors by swapping ever larger blocks across the diagonal.
CK_INLINE void transpose16(f16 *v) {
  UNROLLED for (int i = 0; i < 16; i += 2) SWAP(v, i, 1);
  UNROLLED for (int i = 0; i < 8; i++) SWAP(v, (i / 2 * 4 + i % 2), 2);
  UNROLLED for (int i = 0; i < 8; i++) SWAP(v, (i / 4 * 8 + i % 4), 4);
  UNROLLED for (int i = 0; i < 8; i++) SWAP(v, i, 8);
}

/// Prefetches the next pixels, which, taken 16 channels at a time, come in an order that defeats the
/// hardware prefetcher. Harmless where nothing follows.
CK_INLINE void prefetch(const float *x, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += 16) __builtin_prefetch(x + i);
}

/// A block at the end of a row or of the buffer, with zeros where there is nothing.
CK_INLINE void load_edge(
    const float *x, ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, f16 *block) {
  for (ptrdiff_t k = 0; k < 16; k++) {
    block[k] = (f16){};
    if (k >= pixels) continue;
    for (ptrdiff_t i = 0; i < count; i++) ((float *)&block[k])[i] = x[k * channels + i];
  }
}

static void row_to_planes(
    const float *x, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t readable, float *planes,
    ptrdiff_t planeStride) {
  for (ptrdiff_t p = 0; p < width; p += 16) {
    prefetch(x + (p + 16) * channels, 16 * channels);
    for (ptrdiff_t c = 0; c < channels; c += 16) {
      ptrdiff_t count = ck_min(16, channels - c);
      f16 block[16];
      if (p + 16 <= width && (p + 15) * channels + c + 16 <= readable) {
        UNROLLED for (ptrdiff_t k = 0; k < 16; k++) block[k] =
            LOAD(f16, x + (p + k) * channels + c);
      } else {
        load_edge(x + p * channels + c, ck_min(16, width - p), channels, count, block);
      }
      transpose16(block);
      float *target = planes + c * planeStride + p;
      for (ptrdiff_t i = 0; i < count; i++) STORE(f16, target + i * planeStride) = block[i];
    }
  }
}

static void row_from_planes(
    const float *planes, ptrdiff_t planeStride, ptrdiff_t width, ptrdiff_t channels, float *y,
    int accumulate) {
  // The last, partial run of channels goes first: what it writes beyond its pixel is written
  // again by the pixels and runs after it. At the row's end nothing is written beyond.
  for (ptrdiff_t p = 0; p < width; p += 16) {
    prefetch(y + (p + 16) * channels, 16 * channels);
    for (ptrdiff_t c = (channels - 1) / 16 * 16; c >= 0; c -= 16) {
      ptrdiff_t count = ck_min(16, channels - c);
      f16 block[16];
      const float *source = planes + c * planeStride + p;
      if (count == 16) {
        UNROLLED for (ptrdiff_t i = 0; i < 16; i++) block[i] = LOAD(f16, source + i * planeStride);
      } else {
        for (ptrdiff_t i = 0; i < 16; i++) {
          block[i] = i < count ? LOAD(f16, source + i * planeStride) : (f16){};
        }
      }
      transpose16(block);
      for (ptrdiff_t k = 0; k < ck_min(16, width - p); k++) {
        ptrdiff_t at = (p + k) * channels + c;
        if (at + 16 <= width * channels) {
          STORE(f16, y + at) = accumulate ? LOAD(f16, y + at) + block[k] : block[k];
        } else {
          const float *lane = (const float *)&block[k];
          for (ptrdiff_t i = 0; i < count; i++) {
            y[at + i] = accumulate ? y[at + i] + lane[i] : lane[i];
          }
        }
      }
    }
  }
}
