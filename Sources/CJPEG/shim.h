// libjpeg-turbo's TurboJPEG interface: JPEG pictures, without the jumps of libjpeg's own.
#include <turbojpeg.h>
