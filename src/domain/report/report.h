/* report: questions to the column index that somebody keeps: with a name, for oneself or for
 * everybody. The question is checked when it is saved; what it answers is asked anew each time, for
 * whoever asks, so nobody sees more people in a shared report than elsewhere.
 *
 * A report is of one person. Sharing one, and changing one that another shares, takes
 * "segment.write". Reports are put on dashboards, one's own or everybody's (pin.c). */
#ifndef HETANG_REPORT_H
#define HETANG_REPORT_H

#include "core/module.h"
#include "domain/org/org.h"

ID_TYPE(report_id);

extern const struct module report_module;

#endif
