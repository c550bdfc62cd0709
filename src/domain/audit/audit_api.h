/* audit_api: the audit log (core/audit.h) as auditors see it: who did what, when, from where,
 * before and after; and whether the chain is whole. */
#ifndef HETANG_AUDIT_API_H
#define HETANG_AUDIT_API_H

#include "core/module.h"

extern const struct module audit_api_module;

#endif
