// SPDX-License-Identifier: Apache-2.0

// Any other processor: what the compiler makes of vectors of 4 floats, with 16 registers in mind.
#define LEVEL_NAME "portable"
#define LEVEL_TABLE ck_portable
#define VECTOR f4
#define LANES 4
#define VECTORS 2
#define PIXELS(q) ((q) > 0 ? 4 : 0)
#define BLOCKS(CASES, ...) CASES(8, 2, __VA_ARGS__) CASES(8, 1, __VA_ARGS__)
#include "../loops/all.h"
