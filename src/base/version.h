/* version: of this program. */
#ifndef HETANG_VERSION_H
#define HETANG_VERSION_H

#define HETANG_VERSION "0.1.0"

#endif
