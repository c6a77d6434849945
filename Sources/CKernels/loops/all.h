// SPDX-License-Identifier: Apache-2.0

// All loops, and the table of a level that has defined its vectors and its register block.
#include "columns.h"
#include "depthwise.h"
#include "direct.h"
#include "elementwise.h"
#include "lanes.h"
#include "planes.h"
#include "pooling.h"
#include "rows.h"
#include "update.h"
#include "winograd.h"

const ck_kernels LEVEL_TABLE = {
    .name = LEVEL_NAME,
    .panelWidth = PANEL,
    .allFinite = all_finite,
    .add = add,
    .copy = copy,
    .multiply = multiply,
    .copyColumns = copy_columns,
    .sumParts = sum_parts,
    .addRow = add_row,
    .columnSums = column_sums,
    .moments = moments,
    .normalizationSums = normalization_sums,
    .normalizationGradient = normalization_gradient,
    .viewRows = view_rows,
    .viewSums = view_sums,
    .addRows = add_rows,
    .mergeGradient = merge_gradient,
    .spreadRow = spread_row,
    .addColumns = add_columns,
    .flipKernel = flip_kernel,
    .packKernel = pack_kernel,
    .directRows = direct_rows,
    .directOuter = direct_outer,
    .lanesRows = lanes_rows,
    .lanesOuter = lanes_outer,
    .winogradWindows = winograd_windows,
    .winogradPixels = winograd_pixels,
    .winogradGradients = winograd_gradients,
    .winogradKernel = winograd_kernel,
    .winogradTaps = winograd_taps,
    .rowToPlanes = row_to_planes,
    .rowFromPlanes = row_from_planes,
    .planesForward = planes_forward,
    .planesKernelGradient = planes_kernel_gradient,
    .depthwiseRows = depthwise_rows,
    .depthwiseInputGradient = depthwise_input_gradient,
    .depthwiseKernelGradient = depthwise_kernel_gradient,
    .repeatChannels = repeat_channels,
    .sumRepeats = sum_repeats,
    .maxPool = max_pool,
    .maxPoolGradient = max_pool_gradient,
    .averagePool = average_pool,
    .averagePoolGradient = average_pool_gradient,
    .sgd = sgd,
    .rmsprop = rmsprop,
    .adamw = adamw,
    .average = average,
};
