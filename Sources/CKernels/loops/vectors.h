// SPDX-License-Identifier: Apache-2.0

// What every loop shares: vector types, runs of channels, names by width.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ck.h"

#define CK_INLINE static inline __attribute__((always_inline))

// Unaligned vectors; helpers take pointers, never vectors, whose passing differs by processor.
typedef float f64 __attribute__((vector_size(256), aligned(4), may_alias));
typedef float f32 __attribute__((vector_size(128), aligned(4), may_alias));
typedef float f16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef float f8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef float f1 __attribute__((vector_size(4), aligned(4), may_alias));
typedef int32_t i64 __attribute__((vector_size(256), aligned(4), may_alias));
typedef int32_t i32 __attribute__((vector_size(128), aligned(4), may_alias));
typedef int32_t i16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t i8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t i4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t i1 __attribute__((vector_size(4), aligned(4), may_alias));

#define LOAD(V, p) (*(const V *)(p))
#define STORE(V, p) (*(V *)(p))
/// A vector with nothing below zero; NaN stays NaN.
#define CK_RECTIFIED(V, v) ((V)((__typeof__((v) < (V){}))(v) & ~((v) < (V){})))
/// A vector where another is positive, and zero elsewhere.
#define CK_WHERE_POSITIVE(V, v, other) ((V)((__typeof__((v) > (V){}))(v) & ((other) > (V){})))

// A function for runs of N channels is named `name_N`.
#define CK_JOINED(name, n) name##_##n
#define CK_JOIN(name, n) CK_JOINED(name, n)
#define BY_WIDTH(name) CK_JOIN(name, N)
#define UNROLLED _Pragma("clang loop unroll(full)")

// Calls `function_N(c, ...)` over the channels, widest runs first: a run of 64 or 32 channels is
// several registers, read as one stretch of memory.
#define OVER_RUNS_OF_16(function, channels, ...)                         \
  do {                                                                   \
    for (; c + 16 <= (channels); c += 16) function##_16(c, __VA_ARGS__); \
    if (c + 8 <= (channels)) {                                           \
      function##_8(c, __VA_ARGS__);                                      \
      c += 8;                                                            \
    }                                                                    \
    if (c + 4 <= (channels)) {                                           \
      function##_4(c, __VA_ARGS__);                                      \
      c += 4;                                                            \
    }                                                                    \
    for (; c < (channels); c += 1) function##_1(c, __VA_ARGS__);         \
  } while (0)
#define OVER_RUNS_OF_32(function, channels, ...)                         \
  do {                                                                   \
    ptrdiff_t c = 0;                                                     \
    for (; c + 32 <= (channels); c += 32) function##_32(c, __VA_ARGS__); \
    OVER_RUNS_OF_16(function, channels, __VA_ARGS__);                    \
  } while (0)
#define OVER_RUNS_OF_64(function, channels, ...)                         \
  do {                                                                   \
    ptrdiff_t c = 0;                                                     \
    for (; c + 64 <= (channels); c += 64) function##_64(c, __VA_ARGS__); \
    if (c + 32 <= (channels)) {                                          \
      function##_32(c, __VA_ARGS__);                                     \
      c += 32;                                                           \
    }                                                                    \
    OVER_RUNS_OF_16(function, channels, __VA_ARGS__);                    \
  } while (0)

CK_INLINE ptrdiff_t ck_min(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
CK_INLINE ptrdiff_t ck_max(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/// First output position whose window offset `tap` is at or after the input's start.
CK_INLINE ptrdiff_t ck_first(ptrdiff_t pad, ptrdiff_t tap, ptrdiff_t stride) {
  return pad > tap ? (pad - tap + stride - 1) / stride : 0;
}

/// One past the last output position whose window offset `tap` lies within the input.
CK_INLINE ptrdiff_t
ck_end(ptrdiff_t pad, ptrdiff_t tap, ptrdiff_t stride, ptrdiff_t input, ptrdiff_t output) {
  ptrdiff_t last = input - 1 + pad - tap;
  return last < 0 ? 0 : ck_min(output, last / stride + 1);
}
