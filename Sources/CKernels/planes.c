// Convolution of narrow channel segments over padded channel planes. A plane's rows follow each
// other without a gap, so that a shift of the window is a shift of the pointer; the columns that
// belong to the padding are computed too and thrown away.
#include "Vectors.h"

/// The sum of a vector's lanes, in one fixed order on every processor.
CK_INLINE float ck_sum16(const f16 *v) {
  const float *lane = (const float *)v;
  f8 a = LOAD(f8, lane) + LOAD(f8, lane + 8);
  f4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
}

#define R 4
#define P 4
#define Q 1
#include "planes_block.h"
#undef Q
#define Q 2
#include "planes_block.h"
#undef Q
#define Q 3
#include "planes_block.h"
#undef Q
#define Q 4
#include "planes_block.h"
#undef Q
#define Q 5
#include "planes_block.h"
#undef Q
#define Q 6
#include "planes_block.h"
#undef Q
#undef P
#undef R
#define R 1
#define P 1
#define Q 1
#include "planes_block.h"
#undef Q
#define Q 2
#include "planes_block.h"
#undef Q
#define Q 3
#include "planes_block.h"
#undef Q
#define Q 4
#include "planes_block.h"
#undef Q
#define Q 5
#include "planes_block.h"
#undef Q
#define Q 6
#include "planes_block.h"
#undef Q
#undef P
#undef R

/// How many of the remaining output channels the next block takes: at most six, evenly cut.
CK_INLINE ptrdiff_t ck_block_outputs(ptrdiff_t remaining) {
  return remaining >= 12 ? 6 : remaining <= 6 ? remaining : (remaining + 1) / 2;
}

#define CK_OVER_BLOCK(function, a, q, ...)           \
  switch (q) {                                       \
    case 1: function##_##a##x1(__VA_ARGS__); break;  \
    case 2: function##_##a##x2(__VA_ARGS__); break;  \
    case 3: function##_##a##x3(__VA_ARGS__); break;  \
    case 4: function##_##a##x4(__VA_ARGS__); break;  \
    case 5: function##_##a##x5(__VA_ARGS__); break;  \
    default: function##_##a##x6(__VA_ARGS__); break; \
  }

CK_CLONES void ck_planes_forward(
    const float *x, ptrdiff_t xStride, ptrdiff_t inputCount, float *y, ptrdiff_t yStride,
    ptrdiff_t outputCount, const float *kernel, ptrdiff_t kernelHeight, ptrdiff_t kernelWidth,
    ptrdiff_t rowStride, ptrdiff_t length, const float *bias,
    int isRectified) {
  for (ptrdiff_t p = 0; p < length;) {
    ptrdiff_t q = 0, step = length - p >= 64 ? 64 : 16;
    for (ptrdiff_t o = 0; o < outputCount; o += q) {
      q = ck_block_outputs(outputCount - o);
      const float *offset = bias ? bias + o : 0;
      if (step == 64) {
        CK_OVER_BLOCK(
            forward, 4, q, x + p, xStride, inputCount, y + o * yStride + p, yStride,
            outputCount, kernel + o, kernelHeight, kernelWidth, rowStride, offset, isRectified);
      } else {
        CK_OVER_BLOCK(
            forward, 1, q, x + p, xStride, inputCount, y + o * yStride + p, yStride,
            outputCount, kernel + o, kernelHeight, kernelWidth, rowStride, offset, isRectified);
      }
    }
    p += step;
  }
}

CK_CLONES void ck_planes_kernel_gradient(
    const float *x, ptrdiff_t xStride, ptrdiff_t inputCount, const float *dy, ptrdiff_t yStride,
    ptrdiff_t outputCount, float *dKernel, ptrdiff_t kernelHeight, ptrdiff_t kernelWidth,
    ptrdiff_t rowStride, ptrdiff_t length) {
  ptrdiff_t total = kernelHeight * kernelWidth * inputCount;
  for (ptrdiff_t row = 0; row < total;) {
    ptrdiff_t q = 0, count = total - row >= 4 ? 4 : 1;
    const float *rows[4];
    for (ptrdiff_t r = 0; r < count; r++) {
      ptrdiff_t tap = (row + r) / inputCount, input = (row + r) % inputCount;
      rows[r] = x + input * xStride + tap / kernelWidth * rowStride + tap % kernelWidth;
    }
    for (ptrdiff_t o = 0; o < outputCount; o += q) {
      q = ck_block_outputs(outputCount - o);
      float *target = dKernel + row * outputCount + o;
      if (count == 4) {
        CK_OVER_BLOCK(
            gradient, 4, q, rows, dy + o * yStride, yStride, outputCount, target, length);
      } else {
        CK_OVER_BLOCK(
            gradient, 1, q, rows, dy + o * yStride, yStride, outputCount, target, length);
      }
    }
    row += count;
  }
}

// MARK: Between pixels and planes

#define CK_SWAP(v, i, k)                       \
  do {                                         \
    f16 a = (v)[i], b = (v)[(i) | (k)];        \
    (v)[i] = LOW##k(a, b);                     \
    (v)[(i) | (k)] = HIGH##k(a, b);            \
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
CK_INLINE void ck_transpose16(f16 *v) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) CK_SWAP(v, i, 1);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) CK_SWAP(v, (i / 2 * 4 + i % 2), 2);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) CK_SWAP(v, (i / 4 * 8 + i % 4), 4);
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) CK_SWAP(v, i, 8);
}

/// Asks for the lines of the next pixels: taken 16 channels at a time, they come in an order that
/// the processor does not foresee. Harmless where nothing follows.
CK_INLINE void ck_prefetch(const float *x, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += 16) __builtin_prefetch(x + i);
}

/// A block at the end of a row or of the buffer, with zeros where there is nothing.
CK_INLINE void ck_load_edge(
    const float *x, ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, f16 *block) {
  for (ptrdiff_t k = 0; k < 16; k++) {
    block[k] = (f16){};
    if (k >= pixels) continue;
    for (ptrdiff_t i = 0; i < count; i++) ((float *)&block[k])[i] = x[k * channels + i];
  }
}

CK_CLONES void ck_row_to_planes(
    const float *x, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t readable, float *planes,
    ptrdiff_t planeStride) {
  for (ptrdiff_t p = 0; p < width; p += 16) {
    ck_prefetch(x + (p + 16) * channels, 16 * channels);
    for (ptrdiff_t c = 0; c < channels; c += 16) {
      ptrdiff_t count = ck_min(16, channels - c);
      f16 block[16];
      if (p + 16 <= width && (p + 15) * channels + c + 16 <= readable) {
#pragma clang loop unroll(full)
        for (ptrdiff_t k = 0; k < 16; k++) block[k] = LOAD(f16, x + (p + k) * channels + c);
      } else {
        ck_load_edge(x + p * channels + c, ck_min(16, width - p), channels, count, block);
      }
      ck_transpose16(block);
      float *target = planes + c * planeStride + p;
      for (ptrdiff_t i = 0; i < count; i++) STORE(f16, target + i * planeStride) = block[i];
    }
  }
}

CK_CLONES void ck_row_from_planes(
    const float *planes, ptrdiff_t planeStride, ptrdiff_t width, ptrdiff_t channels, float *y,
    int accumulate) {
  // The last, partial run of channels goes first: what it writes beyond its pixel is written
  // again by the pixels and runs after it. At the row's end nothing is written beyond.
  for (ptrdiff_t p = 0; p < width; p += 16) {
    ck_prefetch(y + (p + 16) * channels, 16 * channels);
    for (ptrdiff_t c = (channels - 1) / 16 * 16; c >= 0; c -= 16) {
      ptrdiff_t count = ck_min(16, channels - c);
      f16 block[16];
      const float *source = planes + c * planeStride + p;
      if (count == 16) {
#pragma clang loop unroll(full)
        for (ptrdiff_t i = 0; i < 16; i++) block[i] = LOAD(f16, source + i * planeStride);
      } else {
        for (ptrdiff_t i = 0; i < 16; i++) {
          block[i] = i < count ? LOAD(f16, source + i * planeStride) : (f16){};
        }
      }
      ck_transpose16(block);
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
