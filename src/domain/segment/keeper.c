/* Keeps live segments: who should be a member, by the column index, against who is one.
 *
 * One thread. The index tells it whose facts are new (insight_listening); it asks of those, for
 * each segment that mentions such a fact or an attribute. When very many are new, when a segment is
 * new, and a few times a minute for those whose answers move with time, it asks about everybody,
 * which costs tens of milliseconds at a million people. Members are kept in memory as sorted
 * numbers, so that only differences are written: each once, whatever is asked twice, since a write
 * that changes no row makes no fact. A process that dies has lost nothing: the table says who is a
 * member, and at the start everybody is asked about. */
#include <pthread.h>

#include "base/log.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "core/event.h"
#include "domain/insight/insight.h"
#include "domain/segment/internal.h"

#include "segment.sql.h"

#define WRITE_MAX   500   /* moves in one write */
#define FEW_MAX     2000  /* more people than this: everybody is asked about */
#define TYPES_MAX   64    /* names remembered between two rounds; more: any type */
#define TICK_MS     20000 /* of the app's clock: how often time alone is looked at */
#define WAIT_MS     1000
#define ROUND_MS    30 /* from one round to the next, at least */
#define MEMBER_PAGE 100000

/* A segment as the thread knows it. */
struct kept {
    i64 id, version;
    i64 from_seq; /* of the log when it was seen to be building: it is filled when that is told */
    bool list, building, timed, attributes, nested, stale;
    struct arena arena; /* of what it asks */
    struct people *people;
    str *types;
    size_t type_count, type_cap;
    i64 *members; /* ascending */
    size_t member_count, member_cap;
    bool seen; /* in the table, this time */
};

struct segment_keeper {
    struct app *app;
    pthread_t thread;
    bool threaded;
    _Atomic bool stop;
    pthread_mutex_t lock; /* of what is new */
    struct map persons;
    char *types[TYPES_MAX];
    size_t type_count;
    bool any_type, attributes, everybody;
    /* the thread's own */
    struct kept *kept;
    size_t count, cap;
    i64 ticked_ms; /* the app's clock */
    bool looked;   /* at the table, once */
};

/* --- what is new */

static void type_note(struct segment_keeper *k, str type)
{
    for (size_t i = 0; i < k->type_count; i++)
        if (str_is(type, k->types[i]))
            return;
    if (k->type_count == TYPES_MAX)
        k->any_type = true;
    else
        k->types[k->type_count++] = xstrdup(type);
}

static void hear(struct app *app, const struct insight_news *news)
{
    struct segment_keeper *k = app->segments;
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->everybody |= news->everybody;
    k->attributes |= news->attributes || news->everybody;
    for (size_t i = 0; i < news->person_count && k->persons.count <= FEW_MAX; i++)
        *map_put(&k->persons, news->persons[i]) = 1;
    for (size_t i = 0; i < news->type_count; i++)
        type_note(k, news->types[i]);
    pthread_mutex_unlock(&k->lock);
    app_wake(app);
}

/* Taken over from what was heard. */
struct round {
    i64 *persons;
    size_t person_count;
    str *types;
    size_t type_count;
    bool any_type, attributes, everybody, tick;
    bool regrouped; /* people were joined or parted, which moves members without the keeper */
};

static int by_number(const void *pa, const void *pb)
{
    i64 a = *(const i64 *)pa, b = *(const i64 *)pb;
    return (a > b) - (a < b);
}

static void round_take(struct segment_keeper *k, struct arena *a, struct round *ret)
{
    pthread_mutex_lock(&k->lock);
    *ret = (struct round) { .persons = NEW_N(a, i64, k->persons.count),
                            .types = NEW_N(a, str, k->type_count),
                            .any_type = k->any_type,
                            .attributes = k->attributes,
                            .everybody = k->everybody || k->persons.count > FEW_MAX };
    for (struct map_slot *s = NULL; (s = map_next(&k->persons, s));)
        ret->persons[ret->person_count++] = s->key;
    for (size_t i = 0; i < k->type_count; i++) {
        ret->types[ret->type_count++] = arena_str(a, str_of(k->types[i]));
        free(k->types[i]);
    }
    for (size_t i = 0; i < ret->type_count; i++)
        ret->regrouped |= str_is(ret->types[i], EV_CUSTOMER_MERGED.name) ||
                          str_is(ret->types[i], EV_CUSTOMER_UNMERGED.name);
    ret->regrouped |= ret->any_type;
    map_clear(&k->persons);
    k->type_count = 0;
    k->any_type = k->attributes = k->everybody = false;
    pthread_mutex_unlock(&k->lock);
    if (ret->person_count)
        qsort(ret->persons, ret->person_count, sizeof *ret->persons, by_number);
    i64 now = app_now(k->app).ms;
    ret->tick = now < k->ticked_ms || now - k->ticked_ms >= TICK_MS;
    if (ret->tick)
        k->ticked_ms = now;
}

/* --- what a segment asks */

static void mention(struct kept *s, str type)
{
    for (size_t i = 0; i < s->type_count; i++)
        if (str_eq(s->types[i], type))
            return;
    if (s->type_count == s->type_cap) {
        str *more = NEW_N(&s->arena, str, MAX(2 * s->type_cap, 8));
        if (s->type_count)
            memcpy(more, s->types, s->type_count * sizeof *more);
        s->types = more;
        s->type_cap = MAX(2 * s->type_cap, 8);
    }
    s->types[s->type_count++] = type;
}

static void mention_all(struct kept *s, const struct match *m)
{
    for (size_t i = 0; m && i < m->type_count; i++)
        mention(s, m->types[i]);
}

/* Which facts it looks at, and whether time alone may change its answers: also a window that ends
 * at or begins after now, and facts that are told before they happen. */
static void study(struct kept *s, const struct people *p)
{
    const struct query_leaf *l = &p->leaf;
    for (const struct people *c = p->first; c; c = c->next)
        study(s, c);
    if (p->kind != PEOPLE_LEAF)
        return;
    s->attributes |= l->kind == LEAF_PERSON || l->kind == LEAF_SET;
    s->timed |= l->time.op != TIME_NOT || l->kind == LEAF_FACTS || l->kind == LEAF_SEQUENCE ||
                l->kind == LEAF_NOT_FOLLOWED;
    if (l->kind == LEAF_FACTS || l->kind == LEAF_NOT_FOLLOWED)
        mention_all(s, &l->match);
    mention_all(s, l->window.anchor);
    for (size_t i = 0; i < l->step_count; i++)
        mention_all(s, &l->steps[i]);
}

static bool has_nested(const struct json *j)
{
    if (j->kind == JSON_OBJECT && json_get(j, "segment"))
        return true;
    for (const struct json *m = j->kind >= JSON_ARRAY ? j->first : NULL; m; m = m->next)
        if (has_nested(m))
            return true;
    return false;
}

/* Reads the condition anew: names become numbers, ages days, segments what they stand for. */
static enum err parse(struct ctx *cx, struct kept *s, str condition)
{
    struct arena *outer = cx->arena;
    struct json_error bad;
    arena_reset(&s->arena);
    s->types = NULL;
    s->type_count = s->type_cap = 0;
    s->timed = s->attributes = false;
    s->people = NULL;
    cx->arena = &s->arena;
    const struct json *j = json_read(&s->arena, arena_str(&s->arena, condition), &bad);
    enum err e = j ? insight_people(cx, "condition", j, &s->people) : ERR_INTERNAL;
    cx->arena = outer;
    TRY(e);
    s->nested = has_nested(j);
    if (s->people)
        study(s, s->people);
    else
        s->attributes = true; /* everybody: whoever is new */
    return OK;
}

/* --- members in memory */

static void members_room(struct kept *s, size_t count)
{
    if (s->member_cap >= count)
        return;
    s->member_cap = MAX(2 * s->member_cap, count);
    s->members = xrealloc(s->members, s->member_cap * sizeof *s->members);
}

static bool is_member(const struct kept *s, i64 id)
{
    return s->member_count &&
           bsearch(&id, s->members, s->member_count, sizeof *s->members, by_number);
}

static enum err members_load(struct ctx *cx, struct kept *s)
{
    i64 last = 0;
    s->member_count = 0;
    for (i64 n = MEMBER_PAGE; n == MEMBER_PAGE;) {
        struct rows r CLEANUP(rows_close) = { 0 };
        TRY(sql_query(cx, segment_members, &r, V(s->id), V(last), V(MEMBER_PAGE)));
        for (n = 0; rows_next(&r); n++) {
            members_room(s, s->member_count + 1);
            s->members[s->member_count++] = last = col_id(&r, 0);
        }
        TRY(rows_end(&r));
    }
    return OK;
}

/* --- moves */

struct moves {
    const struct kept *segment;
    bool quiet;
    const struct segment_move *at;
    size_t count;
};

static enum err moves_write(struct ctx *cx, void *arg)
{
    const struct moves *m = arg;
    i64 came = 0, went = 0;
    bool changed;
    cx->now = app_now(cx->app);
    for (size_t i = 0; i < m->count; i++) {
        TRY(segment_move(cx, &m->at[i], &changed));
        came += changed && m->at[i].in;
        went += changed && !m->at[i].in;
    }
    return segment_count(cx, (segment_id) { m->segment->id }, came, went, m->quiet);
}

typedef VEC(struct segment_move) move_list;

static void move_add(struct arena *a, move_list *l, const struct kept *s, i64 who, bool in)
{
    *vec_push(a, l) = (struct segment_move) {
        .segment = { s->id }, .customer = { who }, .in = in, .quiet = s->building || s->stale
    };
}

/* The members after these moves, which are ascending. */
static void members_merge(struct kept *s, const struct segment_move *moves, size_t count)
{
    size_t n = 0, at = 0, cap = s->member_count + count;
    i64 *merged = xmalloc(MAX(cap, 1) * sizeof *merged);
    for (size_t i = 0; i < count; i++) {
        i64 who = moves[i].customer.v;
        while (at < s->member_count && s->members[at] < who)
            merged[n++] = s->members[at++];
        if (at < s->member_count && s->members[at] == who)
            at++;
        if (moves[i].in)
            merged[n++] = who;
    }
    while (at < s->member_count)
        merged[n++] = s->members[at++];
    free(s->members);
    s->members = merged;
    s->member_count = n;
    s->member_cap = MAX(cap, 1);
}

static enum err moves_carry_out(struct segment_keeper *k, struct kept *s, const move_list *l)
{
    for (size_t i = 0; i < l->n && !k->stop; i += WRITE_MAX) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct ctx cx = system_ctx(k->app, &a, S("segment"));
        struct moves part = { s, l->at[i].quiet, &l->at[i], MIN(l->n - i, (size_t)WRITE_MAX) };
        TRY(in_write(&cx, moves_write, &part));
        members_merge(s, part.at, part.count);
    }
    return k->stop ? ERR_UNAVAILABLE : OK;
}

static enum err ask_everybody(struct segment_keeper *k, struct kept *s)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    move_list moves = { 0 };
    i64 *should = NULL;
    size_t count = 0, at = 0, m = 0;
    TRY(insight_everybody(k->app, &a, s->people, app_now(k->app), &should, &count));
    while (at < count || m < s->member_count)
        if (m == s->member_count || (at < count && should[at] < s->members[m]))
            move_add(&a, &moves, s, should[at++], true);
        else if (at == count || s->members[m] < should[at])
            move_add(&a, &moves, s, s->members[m++], false);
        else
            at++, m++;
    return moves_carry_out(k, s, &moves);
}

/* `should`: of each of the round's people. */
static enum err move_few(struct segment_keeper *k, struct kept *s, const struct round *round,
                         const bool *should)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    move_list moves = { 0 };
    for (size_t i = 0; i < round->person_count; i++)
        if (should[i] != is_member(s, round->persons[i]))
            move_add(&a, &moves, s, round->persons[i], should[i]);
    return moves.n ? moves_carry_out(k, s, &moves) : OK;
}

static bool concerned(const struct kept *s, const struct round *r)
{
    if (!r->person_count)
        return false;
    if (r->any_type || (r->attributes && s->attributes))
        return true;
    for (size_t i = 0; i < r->type_count; i++)
        for (size_t k = 0; k < s->type_count; k++)
            if (str_eq(r->types[i], s->types[k]))
                return true;
    return false;
}

static enum err ready_write(struct ctx *cx, void *arg)
{
    const struct kept *s = arg;
    return sql_exec(cx, segment_ready, V(s->id), V(s->version));
}

static bool of_everybody(const struct kept *s, const struct round *round)
{
    return s->building || s->stale || round->everybody || (round->tick && s->timed);
}

/* The segments the round's people are asked about, all at once: should[k] of kept[k], NULL if it is
 * not among them. */
static enum err few_asked(struct segment_keeper *k, struct arena *a, const struct round *round,
                          const bool **should)
{
    const struct people **asked = NEW_N(a, const struct people *, k->count);
    size_t count = 0;
    for (size_t i = 0; i < k->count; i++)
        if (!k->kept[i].list && !of_everybody(&k->kept[i], round) && concerned(&k->kept[i], round))
            asked[count++] = k->kept[i].people;
    if (!count)
        return OK;
    bool *found = NEW_N(a, bool, count * round->person_count);
    TRY(insight_fit(k->app, asked, count, app_now(k->app), round->persons, round->person_count,
                    found));
    count = 0;
    for (size_t i = 0; i < k->count; i++)
        if (!k->kept[i].list && !of_everybody(&k->kept[i], round) && concerned(&k->kept[i], round))
            should[i] = found + count++ * round->person_count;
    return OK;
}

static enum err keep(struct segment_keeper *k, struct kept *s, const struct round *round,
                     const bool *should)
{
    struct insight_state told;
    insight_state(k->app, &told);
    if (s->building && told.seq < s->from_seq)
        return OK; /* who is missing from what was told would enter it with a fact */
    if (of_everybody(s, round))
        TRY(ask_everybody(k, s));
    else if (should)
        TRY(move_few(k, s, round, should));
    s->stale = false;
    if (s->building) {
        struct arena a CLEANUP(arena_done) = { 0 };
        struct ctx cx = system_ctx(k->app, &a, S("segment"));
        TRY(in_write(&cx, ready_write, s));
        s->building = false;
    }
    return OK;
}

/* --- which there are */

static struct kept *kept_of(struct segment_keeper *k, i64 id)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->kept[i].id == id)
            return &k->kept[i];
    if (k->count == k->cap) {
        k->cap = MAX(2 * k->cap, 16);
        k->kept = xrealloc(k->kept, k->cap * sizeof *k->kept);
    }
    struct kept *s = &k->kept[k->count++];
    *s = (struct kept) { .id = id };
    return s;
}

static void kept_done(struct kept *s)
{
    arena_done(&s->arena);
    free(s->members);
}

struct look {
    struct segment_keeper *k;
    const struct round *round;
};

struct row {
    i64 id, version;
    bool list, building;
    str condition;
};

static enum err look_at(struct ctx *cx, const struct look *l, const struct row *row, bool moved)
{
    struct kept *s = kept_of(l->k, row->id);
    bool fresh = s->version == 0, other = s->version != row->version;
    s->seen = true;
    s->list = row->list;
    if (s->list) {
        if (fresh && l->k->looked)
            insight_sweep(cx->app); /* a copy makes no facts */
        s->version = row->version;
        return OK;
    }
    s->building = row->building;
    if (fresh || (l->round->regrouped && l->round->everybody))
        TRY(members_load(cx, s));
    if (other && s->building)
        TRY(event_last(cx, &s->from_seq));
    if (other || l->round->tick || (moved && s->nested)) { /* time passes: ages */
        TRY(parse(cx, s, row->condition));
        s->stale |= moved && s->nested && !fresh;
    }
    s->version = row->version;
    return OK;
}

/* Of those who were joined or parted the table says anew where they are. */
static enum err members_correct(struct ctx *cx, const struct look *l)
{
    const struct round *round = l->round;
    for (size_t i = 0; i < round->person_count; i++) {
        struct rows r CLEANUP(rows_close) = { 0 };
        struct map in CLEANUP(map_done) = { 0 };
        TRY(sql_query(cx, segment_of_person, &r, V(round->persons[i])));
        while (rows_next(&r))
            *map_put(&in, col_id(&r, 0)) = 1;
        TRY(rows_end(&r));
        for (size_t k = 0; k < l->k->count; k++) {
            struct kept *s = &l->k->kept[k];
            const struct segment_move m = { .customer = { round->persons[i] },
                                            .in = map_get(&in, s->id) != NULL };
            if (!s->list && m.in != is_member(s, m.customer.v))
                members_merge(s, &m, 1);
        }
    }
    return OK;
}

/* The segments as they stand. A definition that was changed changes those that name it. */
static enum err look_read(struct ctx *cx, void *arg)
{
    const struct look *l = arg;
    struct segment_keeper *k = l->k;
    struct rows r CLEANUP(rows_close) = { 0 };
    VEC(struct row) all = { 0 };
    bool moved = false;
    TRY(sql_query(cx, segment_all, &r));
    while (rows_next(&r))
        *vec_push(cx->arena, &all) =
            (struct row) { col_id(&r, 0), col_i64(&r, 4), str_is(col_str(&r, 1), "list"),
                           str_is(col_str(&r, 3), "building"),
                           arena_str(cx->arena, col_str(&r, 2)) };
    TRY(rows_end(&r));
    for (size_t i = 0; i < k->count; i++)
        k->kept[i].seen = false;
    for (size_t i = 0; i < all.n; i++)
        moved |= all.at[i].building;
    for (size_t i = 0; i < all.n; i++)
        TRY(look_at(cx, l, &all.at[i], moved));
    k->looked = true;
    for (size_t i = 0; i < k->count;)
        if (k->kept[i].seen) {
            i++;
        } else {
            kept_done(&k->kept[i]);
            k->kept[i] = k->kept[--k->count];
        }
    return l->round->regrouped && !l->round->everybody ? members_correct(cx, l) : OK;
}

static enum err round_run(struct segment_keeper *k)
{
    struct arena a CLEANUP(arena_done) = { 0 };
    struct ctx cx = system_ctx(k->app, &a, S("segment"));
    struct round round;
    i64 from = clock_monotonic_us();
    round_take(k, &a, &round);
    struct look look = { k, &round };
    const bool **should = NULL;
    enum err result = in_read(&cx, look_read, &look);
    if (result == OK) {
        should = NEW_N(&a, const bool *, k->count);
        result = few_asked(k, &a, &round, should);
    }
    size_t count = result == OK ? k->count : 0;
    for (size_t i = 0; i < count && !k->stop; i++) {
        enum err e = k->kept[i].list ? OK : keep(k, &k->kept[i], &round, should[i]);
        if (e == OK || k->stop)
            continue;
        log_warn("segment.failed", P("segment", k->kept[i].id), P("error", err_info(e)->name));
        k->kept[i].version = 0; /* begins anew: members from the table, then everybody */
        result = e;
    }
    if (round.person_count)
        log_debug("segment.round", P("people", (i64)round.person_count),
                  P("segments", (i64)k->count), P("us", clock_monotonic_us() - from));
    if (result != OK) { /* what was heard is not lost */
        pthread_mutex_lock(&k->lock);
        k->everybody = true;
        pthread_mutex_unlock(&k->lock);
    }
    return result;
}

static void *run(void *arg)
{
    struct segment_keeper *k = arg;
    uint64_t seen = k->app->commits;
    pthread_mutex_lock(&k->lock);
    k->everybody = true; /* whatever happened while nobody looked */
    pthread_mutex_unlock(&k->lock);
    while (!k->stop) {
        if (insight_ready(k->app))
            (void)round_run(k);
        nanosleep(&(struct timespec) { .tv_nsec = ROUND_MS * 1000 * 1000 }, NULL);
        if (!k->stop)
            seen = app_wait_commit(k->app, seen, WAIT_MS);
    }
    return NULL;
}

enum err segment_keeper_start(struct app *app)
{
    if (app->use != APP_SERVE)
        return OK;
    struct segment_keeper *k = xcalloc(1, sizeof *k);
    k->app = app;
    pthread_mutex_init(&k->lock, NULL);
    app->segments = k;
    insight_listen(app, hear);
    k->threaded = pthread_create(&k->thread, NULL, run, k) == 0;
    return k->threaded ? OK : ERR_INTERNAL;
}

void segment_keeper_stop(struct app *app)
{
    struct segment_keeper *k = app->segments;
    if (!k)
        return;
    insight_listen(app, NULL);
    k->stop = true;
    app_wake(app);
    if (k->threaded)
        pthread_join(k->thread, NULL);
    app->segments = NULL;
    for (size_t i = 0; i < k->count; i++)
        kept_done(&k->kept[i]);
    for (size_t i = 0; i < k->type_count; i++)
        free(k->types[i]);
    map_done(&k->persons);
    pthread_mutex_destroy(&k->lock);
    free(k->kept);
    free(k);
}
