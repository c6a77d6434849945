// SPDX-License-Identifier: Apache-2.0

// Processors with AVX-512: 32 registers of 16 floats. A block is 24 sums, 4 vectors of the kernel and
// one pixel.
#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define LEVEL_NAME "AVX-512"
#define LEVEL_TABLE ck_avx512
#define VECTOR f16
#define LANES 16
#define VECTORS 4
#define PIXELS(q) ((q) == 4 ? 6 : (q) == 1 ? 12 : 8)
#define BLOCKS(CASES, ...) \
  CASES(6, 4, __VA_ARGS__) \
  CASES(8, 3, __VA_ARGS__) CASES(8, 2, __VA_ARGS__) CASES(12, 1, __VA_ARGS__)
#include "../loops/all.h"
#pragma clang attribute pop
#endif
