// SPDX-License-Identifier: Apache-2.0

// Includes CK_TEMPLATE for runs of WIDEST, …, 16, 8, 4 and 1 channels: N floats of type V, integers of
// type I.

#if WIDEST == 64
#define N 64
#define V f64
#define I i64
#include CK_TEMPLATE
#undef N
#undef V
#undef I
#endif

#define N 32
#define V f32
#define I i32
#include CK_TEMPLATE
#undef N
#undef V
#undef I

#define N 16
#define V f16
#define I i16
#include CK_TEMPLATE
#undef N
#undef V
#undef I

#define N 8
#define V f8
#define I i8
#include CK_TEMPLATE
#undef N
#undef V
#undef I

#define N 4
#define V f4
#define I i4
#include CK_TEMPLATE
#undef N
#undef V
#undef I

#define N 1
#define V f1
#define I i1
#include CK_TEMPLATE
#undef N
#undef V
#undef I

#undef WIDEST
#undef CK_TEMPLATE
