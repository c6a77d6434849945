// SPDX-License-Identifier: Apache-2.0

// Processors with AVX2 and fused multiply-add: 16 registers of 8 floats.
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define LEVEL_NAME "AVX2"
#define LEVEL_TABLE ck_avx2
#define VECTOR f8
#define LANES 8
#define VECTORS 2
#define PIXELS(q) ((q) > 0 ? 6 : 0)
#define BLOCKS(CASES, ...) CASES(6, 2, __VA_ARGS__) CASES(6, 1, __VA_ARGS__)
#include "../loops/all.h"
#pragma clang attribute pop
#endif
