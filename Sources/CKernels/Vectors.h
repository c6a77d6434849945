// Vector types and the dispatch by processor that every file here shares.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "CKernels.h"

// One source, three machine codes; the loader picks one by the processor it finds. Tests ask for
// one of the lesser two, which this processor would not get, with -DCK_AVX2 or -DCK_PORTABLE.
#if !defined(__x86_64__) || defined(CK_PORTABLE)
#define CK_CLONES
#elif defined(CK_AVX2)
#define CK_CLONES __attribute__((target("arch=x86-64-v3")))
#else
#define CK_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif

// The same choice for loops whose blocks differ by processor: `function_avx512(…)` and so on.
#if !defined(__x86_64__) || defined(CK_PORTABLE)
#define CK_BY_LEVEL(function, ...) function##_portable(__VA_ARGS__)
#elif defined(CK_AVX2)
#define CK_BY_LEVEL(function, ...) function##_avx2(__VA_ARGS__)
#else
#define CK_BY_LEVEL(function, ...)                              \
  do {                                                          \
    if (ck_has_avx512()) function##_avx512(__VA_ARGS__);        \
    else if (ck_has_avx2()) function##_avx2(__VA_ARGS__);       \
    else function##_portable(__VA_ARGS__);                      \
  } while (0)
#endif

#define CK_INLINE static inline __attribute__((always_inline))

// Unaligned vectors; helpers take pointers, never vectors, whose passing differs by processor.
typedef float f64 __attribute__((vector_size(256), aligned(4), may_alias));
typedef float f32 __attribute__((vector_size(128), aligned(4), may_alias));
typedef float f16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef float f8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float f4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef float f1 __attribute__((vector_size(4), aligned(4), may_alias));
typedef int32_t i32 __attribute__((vector_size(128), aligned(4), may_alias));
typedef int32_t i16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t i8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t i4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t i1 __attribute__((vector_size(4), aligned(4), may_alias));

#define LOAD(V, p) (*(const V *)(p))
#define STORE(V, p) (*(V *)(p))
/// A vector with nothing below zero; NaN stays NaN.
#define CK_RECTIFIED(V, v) \
  ((V)((__typeof__((v) < (V){}))(v) & ~((v) < (V){})))

// Calls `function_N(c, ...)` over the channels, widest runs first: a run of 64 or 32 channels is
// several registers, read as one stretch of memory.
#define CK_OVER_NARROW(function, channels, ...)                             \
  do {                                                                      \
    for (; c + 16 <= (channels); c += 16) function##_16(c, __VA_ARGS__);    \
    if (c + 8 <= (channels)) { function##_8(c, __VA_ARGS__); c += 8; }      \
    if (c + 4 <= (channels)) { function##_4(c, __VA_ARGS__); c += 4; }      \
    for (; c < (channels); c += 1) function##_1(c, __VA_ARGS__);            \
  } while (0)
#define CK_OVER_CHANNELS(function, channels, ...)                           \
  do {                                                                      \
    ptrdiff_t c = 0;                                                        \
    for (; c + 32 <= (channels); c += 32) function##_32(c, __VA_ARGS__);    \
    CK_OVER_NARROW(function, channels, __VA_ARGS__);                        \
  } while (0)
#define CK_OVER_WIDE_CHANNELS(function, channels, ...)                      \
  do {                                                                      \
    ptrdiff_t c = 0;                                                        \
    for (; c + 64 <= (channels); c += 64) function##_64(c, __VA_ARGS__);    \
    if (c + 32 <= (channels)) { function##_32(c, __VA_ARGS__); c += 32; }   \
    CK_OVER_NARROW(function, channels, __VA_ARGS__);                        \
  } while (0)

CK_INLINE ptrdiff_t ck_min(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
CK_INLINE ptrdiff_t ck_max(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/// First output position whose window offset `tap` is at or after the input's start.
CK_INLINE ptrdiff_t ck_first(ptrdiff_t pad, ptrdiff_t tap, ptrdiff_t stride) {
  return pad > tap ? (pad - tap + stride - 1) / stride : 0;
}

/// One past the last output position whose window offset `tap` lies within the input.
CK_INLINE ptrdiff_t ck_end(
    ptrdiff_t pad, ptrdiff_t tap, ptrdiff_t stride, ptrdiff_t input, ptrdiff_t output) {
  ptrdiff_t last = input - 1 + pad - tap;
  return last < 0 ? 0 : ck_min(output, last / stride + 1);
}
