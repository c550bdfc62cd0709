/* demo: a brand's year, made up from a stated model and lived through the functions that real
 * traffic takes.
 *
 * Purchases follow BG/NBD with the parameters published for the CDNOW data (Fader, Hardie & Lee
 * 2005: r 0.243, alpha 4.414, a 0.793, b 2.426, in weeks), their values gamma-gamma (p 6.25,
 * q 3.74, gamma 15.44; Fader & Hardie 2013), scaled to yuan. Joining, channels, hours and weekdays
 * have shapes of their own (demo_life.c). The same seed and end give the same data.
 *
 * One thing is planted for a funnel's diagnosis to find: of those who go to the till of the shop
 * without buying in the end, most were shown a delivery fee there; of those who buy, few. Another
 * for attribution: what people first look at they come to by other channels than those they buy by.
 */
#ifndef HETANG_DEMO_H
#define HETANG_DEMO_H

#include "base/rand.h"
#include "base/vec.h"
#include "core/app.h"
#include "domain/org/org.h"
#include "domain/source/source.h"
#include "domain/tag/tag.h"

#define DEMO_STORES      40
#define DEMO_REGIONS     4
#define DEMO_STORE_STAFF 3 /* a manager and two members */
#define DEMO_TAGS        9
#define DEMO_CARE_DAYS   14 /* so long before the end the brand began to care by rules */
#define DEMO_PASSWORD    "hetang-demo"

struct demo_store {
    department_id department;
    staff_id staff[DEMO_STORE_STAFF];
    const char *city;
};

/* What stands before the first customer comes. */
struct demo_world {
    struct demo_store stores[DEMO_STORES];
    staff_id owner;
    source_id source;
    i64 page_viewed, product_viewed, cart_added, coupon_claimed; /* numbers of event types */
    i64 checked_out, fee_shown;
    tag_id tags[DEMO_TAGS]; /* by demo_tag_keys */
};
/* Tags that staff give by hand, of what somebody bought or told. */
enum demo_tag {
    DEMO_TAG_BEDDING,
    DEMO_TAG_UNDERWEAR,
    DEMO_TAG_PROTECTIVE,
    DEMO_TAG_VEST,
    DEMO_TAG_WELLNESS,
    DEMO_TAG_IMMUNITY,
    DEMO_TAG_SLEEP,
    DEMO_TAG_NEW_SILVER,
    DEMO_TAG_ELDERLY,
};
enum err demo_world_make(struct app *app, struct demo_world *ret);

/* Whether people are scored every night; while a year is played they are not. */
enum err demo_score_nightly(struct app *app, bool on);

/* Some live segments, as a brand has. */
enum err demo_segments(struct app *app);

/* Saved reports, some of them on everybody's dashboard. */
enum err demo_reports(struct app *app, const struct demo_world *world);

/* From now on staff get tasks about their people. */
enum err demo_care(struct app *app);

struct demo_product {
    const char *code, *name;
    i64 price_fen;
};
extern const struct demo_product demo_products[];
extern const size_t demo_product_count;

enum demo_kind { DEMO_JOIN, DEMO_VISIT, DEMO_ORDER, DEMO_REFUND, DEMO_NOTE, DEMO_IDENTIFY };

/* One thing that happens to one customer. */
struct demo_action {
    instant at;
    uint32_t customer; /* from 0 */
    uint16_t kind;     /* enum demo_kind */
    uint16_t detail;   /* of the kind: how many, which */
    uint32_t value;    /* DEMO_ORDER: hundredths aimed at; DEMO_VISIT: 1 if an order follows */
};

struct demo_person {
    char name[24];
    bool female;
    day birthday;
    uint16_t store, staff;
    uint8_t channel;
    bool visitor; /* known by a device before by name */
    customer_id id;
    i64 orders; /* put so far */
};

struct demo_life {
    struct demo_person *people;
    size_t count;
    struct demo_action *actions; /* in order of time */
    size_t action_count;
    instant end;
};
extern const char *const demo_channels[];

/* The year before `end` of `count` people, on the heap. */
void demo_life_make(uint64_t seed, size_t count, instant end, struct demo_life *ret);
void demo_life_done(struct demo_life *life);

/* Plays it: writes, and at the end of each day everything that follows of facts and time. */
enum err demo_play(struct app *app, const struct demo_world *world, struct demo_life *life,
                   uint64_t seed, void (*progress)(void *arg, i64 done, i64 total), void *arg);

#endif
