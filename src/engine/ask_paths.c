/* Paths. The rules stand in query.h. A person's facts are parted into runs, of which each makes one
 * node of every path that comes through; so a path is a start's run and those behind it. */
#include "engine/groups.h"
#include "engine/paths.h"

#define NODES_MAX (INT64_C(1) << 29) /* two of them and a level are one number */

struct node {
    uint32_t type;
    struct raw_key key;
};
/* Nodes by number, and how many paths take which step. */
struct steps {
    struct key_places keys;
    struct map numbers; /* type and place of the key → number + 1 */
    struct node *nodes;
    size_t count, cap;
    struct map paths; /* level, node, 0 or the next node + 1 → paths */
};

struct run_of {
    i64 node;
    i64 starts; /* paths that begin in it */
    bool apart; /* too far from the one before */
};
struct part {
    struct people_work *work;
    struct hits starts, told;
    struct steps steps;
    i64 people;
    struct run_of *runs; /* of one person */
    size_t run_cap;
};

struct run {
    struct engine *e;
    const struct query *q;
    const struct paths *x;
    struct people_ready *people;
    struct ready starts, told;
    uint32_t by;
    struct part *parts;
};

static i64 node_number(struct steps *s, const struct node *n)
{
    bool fresh;
    size_t key = key_place(&s->keys, &n->key, &fresh);
    i64 *number = map_put(&s->numbers, (i64)((uint64_t)n->type << 32 | key));
    if (!*number) {
        if (s->count == s->cap) {
            s->cap = MAX(2 * s->cap, 64);
            s->nodes = xrealloc(s->nodes, s->cap * sizeof *s->nodes);
        }
        s->nodes[s->count] = *n;
        *number = (i64)++s->count;
        assert(*number < NODES_MAX);
    }
    return *number - 1;
}

/* `to` NONE: the path ends there. */
static void step_add(struct steps *s, size_t level, i64 from, i64 to, i64 paths)
{
    i64 after = to == NONE ? 0 : to + 1;
    *map_put(&s->paths, ((i64)level * NODES_MAX + from) * NODES_MAX + after) += paths;
}

static void steps_join(struct steps *to, const struct steps *from)
{
    for (struct map_slot *slot = NULL; (slot = map_next(&from->paths, slot));) {
        i64 after = slot->key % NODES_MAX, node = slot->key / NODES_MAX % NODES_MAX;
        step_add(to, (size_t)(slot->key / NODES_MAX / NODES_MAX),
                 node_number(to, &from->nodes[node]),
                 after ? node_number(to, &from->nodes[after - 1]) : NONE, slot->value);
    }
}

static void steps_done(struct steps *s)
{
    key_places_done(&s->keys);
    map_done(&s->numbers);
    map_done(&s->paths);
    free(s->nodes);
}

static i64 node_of(const struct run *r, struct part *p, const struct hit *h)
{
    struct node n = { .type = r->told.types[h->type].table->type };
    n.key.there = r->by && hit_any(&r->told, h, r->by, &n.key.kind, &n.key.value);
    return node_number(&p->steps, &n);
}

/* The runs of a person's facts, with the paths that begin in each; how many. What starts a path is
 * told too. */
static size_t runs_of(const struct run *r, struct part *p, const struct hit *starts,
                      size_t start_count, const struct hit *told, size_t n)
{
    const struct paths *x = r->x;
    bool back = x->backwards;
    size_t count = 0, found = 0, begins = 0; /* found: starts met so far */
    for (size_t i = 0; i < n; i++) {
        const struct hit *h = &told[back ? n - 1 - i : i];
        i64 node = node_of(r, p, h);
        bool apart = i && x->gap_ms && llabs(h->time - told[back ? n - i : i - 1].time) > x->gap_ms;
        if (!i || apart || !x->collapse || node != p->runs[count - 1].node)
            p->runs[count++] = (struct run_of) { node, 0, apart };
        const struct hit *start =
            found < start_count ? &starts[back ? start_count - 1 - found : found] : NULL;
        if (!start || start->time != h->time || start->seq != h->seq)
            continue;
        p->runs[count - 1].starts += x->every;
        if (back || !found)
            begins = count - 1; /* with the first in time */
        found++;
    }
    assert(found == start_count);
    if (!x->every)
        p->runs[begins].starts = 1;
    return count;
}

static void person(const struct run *r, struct part *p, const struct hit *starts,
                   size_t start_count, const struct hit *told, size_t n)
{
    if (p->run_cap < n) {
        p->run_cap = MAX(2 * p->run_cap, n);
        p->runs = xrealloc(p->runs, p->run_cap * sizeof *p->runs);
    }
    size_t count = runs_of(r, p, starts, start_count, told, n);
    p->people++;
    for (size_t i = 0; i < count; i++) {
        bool goes_on = p->runs[i].starts > 0;
        for (size_t level = 0; goes_on; level++) {
            const struct run_of *at = &p->runs[i + level];
            goes_on = level + 1 < r->x->levels && i + level + 1 < count && !at[1].apart;
            step_add(&p->steps, level, at->node, goes_on ? at[1].node : NONE, p->runs[i].starts);
        }
    }
}

static size_t end_of(const struct hits *h, size_t at, uint32_t who)
{
    while (at < h->n && h->at[at].who == who)
        at++;
    return at;
}

static void paths_block(void *arg, int at, size_t block)
{
    struct run *r = arg;
    struct part *p = &r->parts[at];
    uint64_t people[BLOCK_WORDS];
    people_of(r->e, r->people, p->work, block, people);
    hits_of(&r->starts, block, &p->starts);
    if (p->starts.n)
        hits_of(&r->told, block, &p->told);
    for (size_t from = 0, told = 0, end; from < p->starts.n; from = end) {
        uint32_t who = p->starts.at[from].who;
        end = end_of(&p->starts, from, who);
        while (p->told.at[told].who < who)
            told++;
        if (people[who / 64] >> (who % 64) & 1)
            person(r, p, &p->starts.at[from], end - from, &p->told.at[told],
                   end_of(&p->told, told, who) - told);
    }
}

/* The types that are told, each once. */
static struct match told_match(struct engine *e, struct arena *a, const struct paths *x)
{
    struct match m = { 0 };
    const struct match *both[] = { &x->among, &x->match };
    m.types = NEW_N(a, str, e->table_count + 2 * QUERY_EVENTS_MAX);
    if (!x->among.type_count) {
        for (size_t i = 0; i < e->table_count; i++)
            m.types[m.type_count++] = dict_text(&e->dict, e->tables[i]->type);
        return m;
    }
    for (size_t b = 0; b < COUNT(both); b++)
        for (size_t i = 0; i < both[b]->type_count; i++) {
            size_t k = 0;
            while (k < m.type_count && !str_eq(m.types[k], both[b]->types[i]))
                k++;
            if (k == m.type_count)
                m.types[m.type_count++] = both[b]->types[i];
        }
    return m;
}

static struct path_name name_of(const struct run *r, struct arena *a, const struct node *n)
{
    struct breakdown_ready by = { .of.kind = BREAKDOWN_PROP };
    return (struct path_name) { arena_str(a, dict_text(&r->e->dict, n->type)),
                                key_shown(r->e, a, &by, &n->key) };
}

static bool show(const struct run *r, struct arena *a, const struct part *p,
                 struct paths_result *ret)
{
    const struct steps *s = &p->steps;
    struct path_name *names = NEW_N(a, struct path_name, s->count);
    struct path_step *steps = NEW_N(a, struct path_step, s->paths.count);
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++)
        names[i] = name_of(r, a, &s->nodes[i]);
    for (struct map_slot *slot = NULL; (slot = map_next(&s->paths, slot));) {
        i64 after = slot->key % NODES_MAX;
        struct path_step *step = &steps[count++];
        step->level = (size_t)(slot->key / NODES_MAX / NODES_MAX);
        step->from = names[slot->key / NODES_MAX % NODES_MAX];
        step->paths = slot->value;
        step->goes_on = after > 0;
        if (after)
            step->to = names[after - 1];
    }
    return paths_shown(a, r->q, steps, count, p->people, ret);
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    hits_done(&p->starts);
    hits_done(&p->told);
    steps_done(&p->steps);
    free(p->runs);
}

enum err ask_paths(struct engine *e, struct arena *a, const struct query *q, instant now,
                   struct result *ret)
{
    const struct paths *x = &q->paths;
    struct run r = { .e = e, .q = q, .x = x };
    i64 until = MIN(q->until.ms, now.ms + 1);
    struct match told = told_match(e, a, x);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    ready_make(e, a, &x->match, q->since.ms, until, &r.starts);
    ready_make(e, a, &told, x->backwards ? INT64_MIN : q->since.ms,
               x->backwards ? until : now.ms + 1, &r.told);
    r.by = x->by.len ? dict_find(&e->dict, x->by) : 0;
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++)
        r.parts[i].work = people_work_new();
    engine_work(e, paths_block, &r);
    for (int i = 1; i < e->threads; i++) {
        steps_join(&r.parts[0].steps, &r.parts[i].steps);
        r.parts[0].people += r.parts[i].people;
    }
    bool shown = show(&r, a, &r.parts[0], &ret->paths);
    assert(shown);
    for (int i = 0; i < e->threads; i++)
        part_done(&r.parts[i]);
    free(r.parts);
    return OK;
}
