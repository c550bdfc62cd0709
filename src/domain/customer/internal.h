/* What the files of the customer module share. */
#ifndef HETANG_CUSTOMER_INTERNAL_H
#define HETANG_CUSTOMER_INTERNAL_H

#include "domain/customer/customer.h"

/* With private values as they are; the second whatever the scope, joined or erased or not. */
enum err customer_get_open(struct ctx *cx, customer_id id, struct customer *ret);
enum err customer_get_any(struct ctx *cx, customer_id id, struct customer *ret);
enum err customer_identities(struct ctx *cx, customer_id id, bool open, list *ret);
/* Writes the profile back as it stands in the struct (not the identifiers); the version grows. */
enum err customer_store(struct ctx *cx, const struct customer *c);

extern const struct person_part customer_part_own;

#endif
