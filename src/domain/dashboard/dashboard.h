/* dashboard: the figures of a day, a week or a month beside those before, their course over time,
 * and what they are made of. What each counts stands in figure.def. */
#ifndef HETANG_DASHBOARD_H
#define HETANG_DASHBOARD_H

#include "core/module.h"

extern const struct module dashboard_module;

#endif
