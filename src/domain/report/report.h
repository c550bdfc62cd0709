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

/* Saves one in somebody's name, checked like those of staff. Inside a write. */
struct report_new {
    staff_id staff;
    bool shared;
    str name;
    doc query;
    str options; /* JSON of the console's page; none: {} */
};
enum err report_add(struct ctx *cx, const struct report_new *n, report_id *ret);
/* Behind the others on their dashboard, or on everybody's; so many thirds wide. */
enum err report_pin_add(struct ctx *cx, staff_id staff, report_id report, bool shared, i64 width);

extern const struct module report_module;

#endif
