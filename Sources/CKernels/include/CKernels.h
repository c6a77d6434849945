// SIMD inner loops of the Kernels module: what Swift cannot dispatch by processor.
//
// Every function is pure: it reads and writes only the memory named by its arguments, allocates
// nothing and knows nothing of threads. Activations are NHWC, kernels HWIO, all floats 32 bits.
// `accumulate` non-zero means `+=`, zero means `=`. Sizes are checked by the callers in Kernels.
#pragma once

#include <stddef.h>

/// A window sliding over one image; the C twin of `WindowGeometry` without its batch.
typedef struct {
  ptrdiff_t inputHeight, inputWidth, channels;
  ptrdiff_t outputHeight, outputWidth;
  ptrdiff_t kernelHeight, kernelWidth;
  ptrdiff_t stride, padTop, padLeft;
} ck_window;

// MARK: Processor

/// 1 when the processor and the system have all of x86-64-v4, AVX-512 with it.
int ck_has_avx512(void);
/// 1 when they have all of x86-64-v3, AVX2 and fused multiply-add with it.
int ck_has_avx2(void);
/// The level of instructions that the loops here use on this processor, for a person.
const char *ck_level(void);
/// Tells the processor that a thread waits awake.
void ck_pause(void);

// MARK: Elementwise

int ck_all_finite(const float *x, ptrdiff_t n);
void ck_add(const float *a, const float *b, float *y, ptrdiff_t n);
void ck_copy(const float *x, float *y, ptrdiff_t n, int accumulate);
void ck_multiply(const float *x, const float *mask, float *y, ptrdiff_t n, int accumulate);
void ck_relu(const float *x, float *y, ptrdiff_t n);
void ck_relu_gradient(const float *y, const float *dy, float *dx, ptrdiff_t n, int accumulate);
void ck_elu(const float *x, float *y, ptrdiff_t n);
void ck_elu_gradient(const float *y, const float *dy, float *dx, ptrdiff_t n, int accumulate);
/// Copies `count` columns of every row between matrices of different row lengths.
void ck_copy_columns(
    const float *x, ptrdiff_t xColumns, float *y, ptrdiff_t yColumns, ptrdiff_t count,
    ptrdiff_t rows, int accumulate);
/// y[i] = sum over parts of x[part][i], parts in order.
void ck_sum_parts(const float *x, ptrdiff_t parts, ptrdiff_t stride, float *y, ptrdiff_t n);

// MARK: Rows of channels

void ck_scale_shift(
    const float *x, const float *scale, const float *shift, float *y, ptrdiff_t rows,
    ptrdiff_t channels);
void ck_add_row(const float *row, float *y, ptrdiff_t rows, ptrdiff_t channels);
void ck_column_sums(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *sums, int accumulate);
/// Mean and sum of squared distances from it, of each column; accurate for any mean.
void ck_moments(
    const float *x, ptrdiff_t rows, ptrdiff_t channels, float *mean, float *squares);
/// Merges tiles' moments (mean at parts[t * stride], squares `squaresOffset` behind it, over
/// counts[t] rows) of `count` channels into mean and biased variance, in double precision, tiles in
/// order.
void ck_merge_moments(
    const float *parts, const float *counts, ptrdiff_t tiles, ptrdiff_t stride,
    ptrdiff_t squaresOffset, float *mean, float *variance, ptrdiff_t count);
/// sums[c] = sum over tiles of parts[t * stride + c], in double precision, tiles in order.
void ck_merge_sums(
    const float *parts, ptrdiff_t tiles, ptrdiff_t stride, float *sums, ptrdiff_t count);
void ck_normalization_sums(
    const float *x, const float *dy, ptrdiff_t rows, ptrdiff_t channels, const float *mean,
    const float *inverseDeviation, float *sumOfGradients, float *sumOfProducts);
void ck_normalization_gradient(
    const float *x, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t channels,
    const float *mean, const float *inverseDeviation, const float *gamma,
    const float *sumOfGradients, const float *sumOfProducts, float inverseRows, int accumulate);
/// Rows of y, `yStep` apart, = x · scale + shift by channel, or x where `scale` is null, and nothing
/// below zero where `isRectified`; NaN stays NaN.
void ck_view_rows(
    const float *x, const float *scale, const float *shift, int isRectified, float *y,
    ptrdiff_t yStep, ptrdiff_t rows, ptrdiff_t channels);
/// dx (+)= d, whose rows are `dStep` apart, with `isMasked` 1 d only where the view of x is positive,
/// with 2 the sum only there; dx may be d. Unless `activations` is null, also the sums of dx and of
/// dx · (activations − mean) · inverseDeviation.
void ck_merge_gradient(
    const float *d, ptrdiff_t dStep, const float *x, const float *scale, const float *shift,
    int isMasked, float *dx, ptrdiff_t rows, ptrdiff_t channels, int accumulate,
    const float *activations, const float *mean, const float *inverseDeviation, float *gradients,
    float *products);
/// y[row] (+)= row · factor for every row, unless x is null only where the view of x is positive.
void ck_spread_row(
    const float *row, float factor, const float *x, const float *scale, const float *shift,
    float *y, ptrdiff_t rows, ptrdiff_t channels, int accumulate);
/// The sum down each column of what `ck_view_rows` would write.
void ck_view_sums(
    const float *x, const float *scale, const float *shift, int isRectified, ptrdiff_t rows,
    ptrdiff_t channels, float *sums);
/// y = a + b, each as `ck_view_rows` shows it; y may be either.
void ck_add_rows(
    const float *a, const float *aScale, const float *aShift, int aIsRectified, const float *b,
    const float *bScale, const float *bShift, int bIsRectified, float *y, ptrdiff_t rows,
    ptrdiff_t channels);

// MARK: Convolution through columns

/// Adds the windows of output pixels [start, start + count) of an image, rows [kernelHeight,
/// kernelWidth, inputCount] of `columns`, onto x.
void ck_add_columns(
    const float *columns, const ck_window *window, ptrdiff_t inputStart, ptrdiff_t inputCount,
    ptrdiff_t start, ptrdiff_t count, float *x);

/// [taps, inputs, outputs] to [taps, outputs, inputs] with the taps in reverse.
void ck_flip_kernel(
    const float *kernel, ptrdiff_t taps, ptrdiff_t inputs, ptrdiff_t outputs, float *flipped);

// MARK: Direct convolution

/// Output pixels of a tile, and where their windows and they themselves lie: floats between
/// neighbouring images, rows and pixels of either. A window is `kernelHeight` rows, `tapRow` floats
/// apart, of `kernelWidth` pixels, `tapStep` apart, of `inputs` channels.
typedef struct {
  ptrdiff_t images, height, width;
  ptrdiff_t xImage, xRow, xStep;
  ptrdiff_t yImage, yRow, yStep;
  ptrdiff_t kernelHeight, kernelWidth, tapRow, tapStep;
  ptrdiff_t inputs, outputs;
} ck_tile;

/// [rows, columns], rows `stride` apart, into panels of as many columns as the registers hold, a
/// divisor of 64, each [1 + rows, width], the last one filled up with zeros to a multiple of at most
/// 16 columns. A panel's first row is the bias, zeros where it is null; a `scale` that is not null
/// multiplies the columns.
void ck_pack_kernel(
    const float *kernel, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const float *scale,
    const float *bias, float *packed);
/// y = bias + the windows at x times the packed kernel [kernelHeight, kernelWidth, inputs, outputs],
/// unless it is null plus `addend`, which is laid out as y and may be y, and where `isRectified`
/// nothing below zero. `next`, unless it is null, is where the thread reads its kernel after this one.
void ck_direct_rows(
    const float *x, const ck_tile *tile, const float *packed, const float *next,
    const float *addend, float *y, int isRectified);
/// sums [kernelHeight, kernelWidth, inputs, outputs] = the windows at x, transposed, times dy, or
/// where it `adds` +=. Scratch: 64 floats for every pixel and every row of the kernel, only where
/// `outputs` is no multiple of 16.
void ck_direct_outer(
    const float *x, const float *dy, const ck_tile *tile, float *scratch, int adds, float *sums);
/// `ck_direct_rows` for equal segments of `width` (1, 2, 4, 8) channels in and out, at least 16 channels in
/// all, `outputs` of the tile: the kernel as `ck_pack_lanes` lays it out, y only written.
void ck_lanes_rows(
    const float *x, const ck_tile *tile, ptrdiff_t width, const float *kernel, float *y,
    int isRectified);
/// sums += the kernel's gradient, laid out likewise but without a bias.
void ck_lanes_outer(
    const float *x, const float *dy, const ck_tile *tile, ptrdiff_t width, float *sums);
/// A kernel to [1 + rows, channels], channels rounded up to 16 lanes: the last 16 lanes are the last
/// 16 channels. Row r of channel c lies at c / width * segmentStride + r * rowStride + c % width and
/// is multiplied by scale[c] if there is a scale; the first row is the bias, or zeros.
void ck_pack_lanes(
    const float *kernel, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, const float *scale, const float *bias,
    float *packed);
/// A kernel's gradient from such lanes without a bias.
void ck_unpack_lanes(
    const float *packed, ptrdiff_t rows, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, float *kernel);
/// Likewise, from the gradient of the flipped kernel: taps in reverse, inputs and outputs exchanged.
void ck_unpack_flipped_lanes(
    const float *packed, ptrdiff_t taps, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t segmentStride, ptrdiff_t rowStride, float *kernel);

// MARK: Winograd's convolution of 3×3 windows at stride 1

// A tile's blocks of 2×2 outputs are counted through its images, row by row; those at an odd edge
// are not full. Of blocks [first, first + count), 16 matrices of a row for each block, `stride`
// floats apart, are made or read.

/// The transformed windows [16][count, inputs]; windows reach to full blocks.
void ck_winograd_windows(
    const float *x, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *windows,
    ptrdiff_t stride);
/// y (+)= the bias and the products [16][count, outputs] transformed back, where `isRectified`
/// nothing below zero.
void ck_winograd_pixels(
    const float *products, ptrdiff_t stride, const ck_tile *tile, ptrdiff_t first,
    ptrdiff_t count, const float *bias, float *y, int accumulate, int isRectified);
/// The transformed gradients [16][count, outputs].
void ck_winograd_gradients(
    const float *dy, const ck_tile *tile, ptrdiff_t first, ptrdiff_t count, float *gradients,
    ptrdiff_t stride);
/// Numbers [start, start + count) of nine taps, `stride` floats apart, to 16 matrices in place.
void ck_winograd_kernel(float *taps, ptrdiff_t stride, ptrdiff_t start, ptrdiff_t count);
/// The kernel's gradient [9][count] of 16 sums of products, `stride` floats apart.
void ck_winograd_taps(const float *sums, ptrdiff_t stride, ptrdiff_t count, float *taps);

// MARK: Convolution through planes

/// One row of pixels [width, channels] to planes: plane c receives `width` floats at
/// planes + c * planeStride, and up to 15 zeros behind them. `readable` floats may be read at x.
void ck_row_to_planes(
    const float *x, ptrdiff_t width, ptrdiff_t channels, ptrdiff_t readable, float *planes,
    ptrdiff_t planeStride);
/// The way back; writes nothing outside [width, channels].
void ck_row_from_planes(
    const float *planes, ptrdiff_t planeStride, ptrdiff_t width, ptrdiff_t channels, float *y,
    int accumulate);
/// The stencil of one segment over flattened padded planes: for p < length
/// y[o][p] = bias[o] + sum over kh, kw, i of x[i][p + kh * rowStride + kw] * kernel[kh][kw][i][o],
/// where `isRectified` nothing below zero. Reads and writes up to 15 floats beyond `length`.
void ck_planes_forward(
    const float *x, ptrdiff_t xStride, ptrdiff_t inputCount, float *y, ptrdiff_t yStride,
    ptrdiff_t outputCount, const float *kernel, ptrdiff_t kernelHeight, ptrdiff_t kernelWidth,
    ptrdiff_t rowStride, ptrdiff_t length, const float *bias, int isRectified);
/// dKernel[kh][kw][i][o] += sum over p < length of x[i][p + kh * rowStride + kw] * dy[o][p];
/// `length` is a multiple of 16.
void ck_planes_kernel_gradient(
    const float *x, ptrdiff_t xStride, ptrdiff_t inputCount, const float *dy, ptrdiff_t yStride,
    ptrdiff_t outputCount, float *dKernel, ptrdiff_t kernelHeight, ptrdiff_t kernelWidth,
    ptrdiff_t rowStride, ptrdiff_t length);

// MARK: Depthwise convolution of one image, multiplier 1

/// y (+)= the bias, unless it is null, and the windows at x times the kernel; where `isRectified`
/// nothing below zero.
void ck_depthwise_rows(
    const float *x, const float *kernel, float *y, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, const float *bias, int isRectified, int accumulate);
/// dx of input rows [firstRow, firstRow + rows), any stride.
void ck_depthwise_input_gradient(
    const float *dy, const float *kernel, float *dx, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows, int accumulate);
/// dKernel += the part of output rows [firstRow, firstRow + rows).
void ck_depthwise_kernel_gradient(
    const float *x, const float *dy, float *dKernel, const ck_window *window, ptrdiff_t firstRow,
    ptrdiff_t rows);
/// Every channel `multiplier` times in a row, and the sum that undoes it.
void ck_repeat_channels(const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y);
void ck_sum_repeats(const float *x, ptrdiff_t n, ptrdiff_t multiplier, float *y, int accumulate);

// MARK: Pooling of one image

/// The maximum of x, or of x · scale + shift where `scale` is not null; `winners` may be null.
void ck_max_pool(
    const float *x, const float *scale, const float *shift, int isRectified, float *y,
    float *winners, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows);
void ck_max_pool_gradient(
    const float *dy, const float *winners, float *dx, const ck_window *window);
void ck_average_pool(
    const float *x, float *y, const ck_window *window, ptrdiff_t firstRow, ptrdiff_t rows);
void ck_average_pool_gradient(const float *dy, float *dx, const ck_window *window);

// MARK: Updates

void ck_sgd(
    float *w, const float *g, float *v, ptrdiff_t n, float learningRate, float momentum,
    int nesterov, float decay);
void ck_rmsprop(
    float *w, const float *g, float *meanSquare, float *v, ptrdiff_t n, float learningRate,
    float rho, float momentum, float epsilon, float decay);
void ck_adamw(
    float *w, const float *g, float *m, float *v, ptrdiff_t n, float learningRate, float beta1,
    float beta2, float epsilon, float decay, float correction1, float correction2);
void ck_average(const float *w, float *average, ptrdiff_t n, float decay);
