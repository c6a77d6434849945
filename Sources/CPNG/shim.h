// SPDX-License-Identifier: Apache-2.0

// libpng: PNG pictures, and contact sheets of data sets.
#pragma once
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// Bytes in memory that libpng reads, and what it says where it gives up.
struct continuum_png_source {
  const unsigned char *bytes;
  size_t count;
  size_t place;
  char *message;
  size_t message_size;
  int has_ended;
  int has_pixels;
};

// What a PNG notes in texts of two names, the last of each, or NULL; and whether it ends behind its
// pixels, but without the chunk that ends it.
struct continuum_png_texts {
  unsigned char *profile;
  size_t profile_size;
  unsigned char *xmp;
  size_t xmp_size;
  int lacks_end;
};

static inline void continuum_png_free(struct continuum_png_texts *texts) {
  free(texts->profile);
  free(texts->xmp);
}

static inline void continuum_png_keep(png_const_textp text, unsigned char **bytes, size_t *size) {
  size_t length = text->text_length ? text->text_length : text->itxt_length;
  unsigned char *copy = malloc(length + 1);
  if (!copy) return;
  memcpy(copy, text->text, length);
  free(*bytes);
  *bytes = copy;
  *size = length;
}

static inline void continuum_png_collect(
    png_structp png, png_infop info, struct continuum_png_texts *texts) {
  png_textp all = NULL;
  int count = 0;
  png_get_text(png, info, &all, &count);
  for (int i = 0; i < count; i++) {
    if (!strcmp(all[i].key, "Raw profile type exif"))
      continuum_png_keep(&all[i], &texts->profile, &texts->profile_size);
    if (!strcmp(all[i].key, "XML:com.adobe.xmp"))
      continuum_png_keep(&all[i], &texts->xmp, &texts->xmp_size);
  }
}

static inline void continuum_png_fetch(png_structp png, png_bytep target, size_t count) {
  struct continuum_png_source *source = (struct continuum_png_source *)png_get_io_ptr(png);
  if (count > source->count - source->place) {
    source->has_ended = 1;
    png_error(png, "the file ends early");
  }
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
// `texts` is all zeros, and to be freed in any case. Returns 1, or 0 with a reason in `message`.
static inline int continuum_png_decode(
    const unsigned char *bytes, size_t count, unsigned char *pixels, size_t width, size_t height,
    struct continuum_png_texts *texts, char *message, size_t message_size) {
  struct continuum_png_source source = {bytes, count, 0, message, message_size, 0, 0};
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
    texts->lacks_end = source.has_pixels && source.has_ended;
    if (texts->lacks_end) continuum_png_collect(png, info, texts);
    png_destroy_read_struct(&png, &info, NULL);
    return texts->lacks_end;
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
  source.has_pixels = 1;
  png_read_end(png, info);
  continuum_png_collect(png, info, texts);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}
