// SPDX-License-Identifier: Apache-2.0

// 64-bit ARM: 32 registers of 4 floats. Compiled here, and never run.
#if defined(__aarch64__)
#define LEVEL_NAME "NEON"
#define LEVEL_TABLE ck_neon
#define VECTOR f4
#define LANES 4
#define VECTORS 4
#define PIXELS(q) ((q) == 4 ? 6 : (q) == 1 ? 12 : 8)
#define BLOCKS(CASES, ...) \
  CASES(6, 4, __VA_ARGS__) \
  CASES(8, 3, __VA_ARGS__) CASES(8, 2, __VA_ARGS__) CASES(12, 1, __VA_ARGS__)
#include "../loops/all.h"
#endif
