// SPDX-License-Identifier: Apache-2.0

// libpng: PNG pictures, and contact sheets of data sets.
#pragma once
#include <png.h>
#include <setjmp.h>
#include <string.h>

// Bytes in memory that libpng reads, and what it says where it gives up.
struct continuum_png_source {
  const unsigned char *bytes;
  size_t count;
  size_t place;
  char *message;
  size_t message_size;
};

static inline void continuum_png_fetch(png_structp png, png_bytep target, size_t count) {
  struct continuum_png_source *source = (struct continuum_png_source *)png_get_io_ptr(png);
  if (count > source->count - source->place) png_error(png, "the file ends early");
  memcpy(target, source->bytes + source->place, count);
  source->place += count;
}

static inline void continuum_png_fail(png_structp png, png_const_charp message) {
  struct continuum_png_source *source = (struct continuum_png_source *)png_get_error_ptr(png);
  strncpy(source->message, message, source->message_size - 1);
  source->message[source->message_size - 1] = 0;
  png_longjmp(png, 1);
}

// Warnings are of what costs no pixels, but for the one where there are more than the header says.
static inline void continuum_png_warn(png_structp png, png_const_charp message) {
  if (strstr(message, "Too much image data")) png_error(png, message);
}

// Decodes a PNG to 8-bit red, green and blue: palettes and grey become colours, the high byte of 16
// bits stays, alpha is dropped, gamma is left alone. libpng reports errors by a jump (the macro
// png_jmpbuf), which must not pass through Swift; hence C.
//
// `pixels` has room for width · height · 3 bytes, the size that the caller read in the header.
// Returns 1, or 0 with a reason in `message`.
static inline int continuum_png_decode(
    const unsigned char *bytes, size_t count, unsigned char *pixels, size_t width, size_t height,
    char *message, size_t message_size) {
  struct continuum_png_source source = {bytes, count, 0, message, message_size};
  message[0] = 0;
  png_structp png = png_create_read_struct(
      PNG_LIBPNG_VER_STRING, &source, continuum_png_fail, continuum_png_warn);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    strncpy(message, "out of memory", message_size - 1);
    return 0;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, &source, continuum_png_fetch);
  // A wrong checksum of any chunk, also of one that adds nothing to the pixels.
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height)
    png_error(png, "the size is not what the header says");
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != width * 3) png_error(png, "the rows have another length");
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < height; row++) png_read_row(png, pixels + row * width * 3, NULL);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}
