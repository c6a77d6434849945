// SPDX-License-Identifier: Apache-2.0

// libjpeg-turbo: JPEG pictures. Its own interface and not TurboJPEG, which tells the first warning
// alone: damage could hide behind a warning that means nothing.
#pragma once
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>
#include <string.h>

// What a header says.
struct continuum_jpeg_header {
  size_t width;
  size_t height;
  // Four printing inks a pixel instead of three colours.
  int has_inks;
};

// The library's error manager, which must stand first, and what it needs to leave.
struct continuum_jpeg_errors {
  struct jpeg_error_mgr manager;
  jmp_buf place;
  char *message;
  size_t message_size;
};

// Every scan of a progressive picture goes over all its pixels, and takes few bytes to say so.
enum { continuum_jpeg_most_scans = 500 };

static inline void continuum_jpeg_tell(j_common_ptr decoder) {
  struct continuum_jpeg_errors *errors = (struct continuum_jpeg_errors *)decoder->err;
  char text[JMSG_LENGTH_MAX];
  decoder->err->format_message(decoder, text);
  strncpy(errors->message, text, errors->message_size - 1);
  errors->message[errors->message_size - 1] = 0;
}

static inline void continuum_jpeg_fail(j_common_ptr decoder) {
  continuum_jpeg_tell(decoder);
  longjmp(((struct continuum_jpeg_errors *)decoder->err)->place, 1);
}

// Pixels that are not there are an error. Of other warnings the first is kept, but for those of what
// costs no pixels.
static inline void continuum_jpeg_warn(j_common_ptr decoder, int level) {
  if (level >= 0) return;
  switch (decoder->err->msg_code) {
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL: return;
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF: continuum_jpeg_fail(decoder);
  }
  struct continuum_jpeg_errors *errors = (struct continuum_jpeg_errors *)decoder->err;
  if (!errors->message[0]) continuum_jpeg_tell(decoder);
}

static inline void continuum_jpeg_watch(j_common_ptr decoder) {
  if (((j_decompress_ptr)decoder)->input_scan_number <= continuum_jpeg_most_scans) return;
  struct continuum_jpeg_errors *errors = (struct continuum_jpeg_errors *)decoder->err;
  strncpy(errors->message, "more than 500 scans", errors->message_size - 1);
  longjmp(errors->place, 1);
}

// Reads the header and, where there is room for them, the pixels: 8-bit red, green and blue, or four
// inks as the file has them; with the accurate transform and smooth upsampling of colours, as
// Pillow. libjpeg reports errors by a jump, which must not pass through Swift; hence C.
//
// `pixels` is NULL, or has room for the header's width · height · 3, or · 4 with inks. `message` is
// full of zeros. Returns 1, with a warning in `message` where there was one, or 0 with a reason there.
static inline int continuum_jpeg_decode(
    const unsigned char *bytes, size_t count, struct continuum_jpeg_header *header,
    unsigned char *pixels, char *message, size_t message_size) {
  struct jpeg_decompress_struct decoder;
  struct continuum_jpeg_errors errors;
  struct jpeg_progress_mgr progress;
  memset(&decoder, 0, sizeof decoder);
  memset(&progress, 0, sizeof progress);
  decoder.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = continuum_jpeg_fail;
  errors.manager.emit_message = continuum_jpeg_warn;
  errors.message = message;
  errors.message_size = message_size;
  progress.progress_monitor = continuum_jpeg_watch;
  if (setjmp(errors.place)) {
    jpeg_destroy_decompress(&decoder);
    return 0;
  }
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, bytes, count);
  jpeg_read_header(&decoder, TRUE);
  header->width = decoder.image_width;
  header->height = decoder.image_height;
  header->has_inks = decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
  if (pixels) {
    decoder.progress = &progress;
    decoder.out_color_space = header->has_inks ? JCS_CMYK : JCS_RGB;
    decoder.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&decoder);
    size_t row_bytes = header->width * (header->has_inks ? 4 : 3);
    while (decoder.output_scanline < decoder.output_height) {
      JSAMPROW row = pixels + decoder.output_scanline * row_bytes;
      jpeg_read_scanlines(&decoder, &row, 1);
    }
    jpeg_finish_decompress(&decoder);
  }
  jpeg_destroy_decompress(&decoder);
  return 1;
}
