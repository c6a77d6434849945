// SPDX-License-Identifier: Apache-2.0

// The inner blocks of the stencil over planes with R vectors or rows, of 1 to 6 output channels.

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
