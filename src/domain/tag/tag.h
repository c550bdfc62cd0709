/* tag: what a brand says about a person in one word. Tags stand in groups; a group may allow one of
 * its tags a person. */
#ifndef HETANG_TAG_H
#define HETANG_TAG_H

#include "core/ctx.h"
#include "core/module.h"
#include "domain/customer/customer.h"

ID_TYPE(tag_group_id);
ID_TYPE(tag_id);

#define TAGS_MAX 10000

#define TAG_GROUP(F, T)                                                        \
    F(T, tag_group_id, id, .doc = "Number")                                    \
    F(T, str, key, .nullable = true, .doc = "Of an installed preset")          \
    F(T, str, name, .doc = "Shown name")                                       \
    F(T, str, color, .doc = "#rrggbb")                                         \
    F(T, boolean, single, .doc = "A person has at most one tag of this group") \
    F(T, i64, sort, .doc = "Smaller first")                                    \
    F(T, i64, tags, .doc = "How many tags it has")                             \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(tag_group, TAG_GROUP);

#define TAG(F, T)                                                                     \
    F(T, tag_id, id, .doc = "Number")                                                 \
    F(T, tag_group_id, group_id, .doc = "Its group")                                  \
    F(T, str, key, .nullable = true, .doc = "How rules, imports and the API name it") \
    F(T, str, name, .doc = "Shown on the customer")                                   \
    F(T, i64, sort, .doc = "Smaller first")                                           \
    F(T, i64, people, .doc = "How many have it")                                      \
    F(T, boolean, ruled, .doc = "A rule gives and takes it")                          \
    F(T, i64, version, .doc = "Grows with each change; for If-Match")
SCHEMA_STRUCT(tag, TAG);

enum err tag_get(struct ctx *cx, tag_id id, struct tag *ret);
enum err tag_group_get(struct ctx *cx, tag_group_id id, struct tag_group *ret);

struct tag_new {
    tag_group_id group;
    str key, name;
    i64 sort;
};
enum err tag_add(struct ctx *cx, const struct tag_new *t, tag_id *ret);

/* Who has which. Given by hand, a tag unblocks; taken by hand from a rule, it is blocked for the
 * rule. In a group of single choice the others go, but a rule does not take away what a hand has
 * given: then nothing changes. Emits tag.added and tag.removed. `source`: manual, rule, import or
 * api. Inside a write. */
enum err tag_give(struct ctx *cx, customer_id customer, tag_id tag, const char *source,
                  bool *ret_changed);
enum err tag_take(struct ctx *cx, customer_id customer, tag_id tag, const char *source,
                  bool *ret_changed);

extern const struct event_type EV_TAG_ADDED, EV_TAG_REMOVED;
extern const struct module tag_module;

#endif
