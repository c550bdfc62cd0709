/* modules: every module of the house. */
#ifndef HETANG_MODULES_H
#define HETANG_MODULES_H

#include "core/module.h"

extern const struct module *const modules[];
extern const size_t modules_count;

#endif
