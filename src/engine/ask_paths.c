/* Paths. The rules stand in query.h. A person's facts are parted into runs, of which each makes one
 * node of every path that comes through; so a path is a start's run and those behind it.
 *
 * The facts are gone through twice: first the nodes of each level are counted, which says which are
 * told by name; then the steps between those and the rest. So memory grows with the nodes there
 * are, not with the pairs of them. */
#include "engine/behind.h"
#include "engine/groups.h"
#include "engine/paths.h"

struct node {
    uint32_t type;
    struct raw_key key;
};
/* Nodes by number, and how many paths are in each at each level. */
struct nodes {
    size_t levels;
    struct map numbers;       /* node_name() → number + 1 */
    struct key_places values; /* of those that are numbers, which names have no room for */
    struct node *at;
    i64 *paths; /* [number × levels + level] */
    size_t count, cap;
};

struct run_of {
    size_t node;
    i64 starts; /* paths that begin in it */
    bool apart; /* too far from the one before */
};
struct part {
    struct people_work *work;
    struct hits starts, told;
    struct nodes nodes;
    i64 people;
    i64 *steps;          /* path_cells() */
    struct run_of *runs; /* of one person */
    size_t run_cap;
    uint32_t ordinal; /* theirs */
};

struct run {
    struct engine *e;
    const struct query *q;
    const struct paths *x;
    struct people_ready *people;
    struct ready starts, told;
    const struct column *(*by)[3]; /* [type][kind]: of the property */
    const struct nodes *nodes;     /* all of them, once they are counted */
    uint8_t *places;               /* [number × levels + level]: where a node is told */
    struct behind_ready behind;
    size_t node, to; /* places of those behind: ANY of them, or NO such is told */
    struct part *parts;
};
enum { ANY = 2 * QUERY_TOP_MAX, NO }; /* no places */

/* What kind of value, which type and which value, in 2, 30 and 32 bits. */
static i64 node_name(const struct node *n, size_t value)
{
    uint64_t kind = n->key.there ? (uint64_t)n->key.kind + 1 : 0;
    return (i64)(kind << 62 | (uint64_t)n->type << 32 | value);
}

static bool is_wide(const struct node *n)
{
    return n->key.there && n->key.kind == VALUE_NUMBER;
}

static size_t node_number(struct nodes *s, const struct node *n)
{
    bool fresh;
    size_t value =
        is_wide(n) ? key_place(&s->values, &n->key, &fresh) : (size_t)(uint32_t)n->key.value;
    i64 *number = map_put(&s->numbers, node_name(n, value));
    if (!*number) {
        if (s->count == s->cap) {
            size_t cap = MAX(2 * s->cap, 64);
            s->at = xrealloc(s->at, cap * sizeof *s->at);
            s->paths = xrealloc(s->paths, cap * s->levels * sizeof *s->paths);
            memset(s->paths + s->cap * s->levels, 0, (cap - s->cap) * s->levels * sizeof *s->paths);
            s->cap = cap;
        }
        s->at[s->count] = *n;
        *number = (i64)++s->count;
    }
    return (size_t)(*number - 1);
}

static size_t node_find(const struct nodes *s, const struct node *n)
{
    size_t value = is_wide(n) ? key_find(&s->values, &n->key) : (size_t)(uint32_t)n->key.value;
    const i64 *number = map_get(&s->numbers, node_name(n, value));
    assert(number);
    return (size_t)(*number - 1);
}

static void nodes_join(struct nodes *to, const struct nodes *from)
{
    for (size_t i = 0; i < from->count; i++) {
        size_t number = node_number(to, &from->at[i]);
        for (size_t l = 0; l < to->levels; l++)
            to->paths[number * to->levels + l] += from->paths[i * to->levels + l];
    }
}

static void nodes_done(struct nodes *s)
{
    key_places_done(&s->values);
    map_done(&s->numbers);
    free(s->at);
    free(s->paths);
}

static size_t node_of(const struct run *r, struct part *p, const struct hit *h)
{
    struct node n = { .type = r->told.types[h->type].table->type };
    for (int kind = VALUE_TEXT; r->by && !n.key.there && kind <= VALUE_BOOL; kind++) {
        const struct column *c = r->by[h->type][kind];
        i64 value = c ? table_value(c, h->row) : NONE;
        if (value != NONE)
            n.key = (struct raw_key) { true, (enum value_kind)kind, value };
    }
    return r->nodes ? node_find(r->nodes, &n) : node_number(&p->nodes, &n);
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
        size_t node = node_of(r, p, h);
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

static void step_behind(const struct run *r, uint32_t ordinal, size_t level, size_t from, size_t to)
{
    const struct behind *b = &r->q->behind;
    bool goes = b->ends ? to == path_end(r->x) : r->to == ANY || r->to == to;
    if (level + 1 == b->level && goes && (r->node == ANY || r->node == from))
        behind_add(&r->behind, ordinal);
}

/* `to` NULL: no further. */
static void step(const struct run *r, struct part *p, size_t level, const struct run_of *from,
                 const struct run_of *to, i64 paths)
{
    size_t levels = r->x->levels;
    if (!r->nodes) {
        p->nodes.paths[from->node * levels + level] += paths;
        return;
    }
    size_t here = r->places[from->node * levels + level],
           next = to ? r->places[to->node * levels + level + 1] : path_end(r->x);
    p->steps[path_cell(r->x, level, here, next)] += paths;
    if (r->behind.asked)
        step_behind(r, p->ordinal, level, here, next);
}

static void person(const struct run *r, struct part *p, const struct hit *starts,
                   size_t start_count, const struct hit *told, size_t n)
{
    if (p->run_cap < n) {
        p->run_cap = MAX(2 * p->run_cap, n);
        p->runs = xrealloc(p->runs, p->run_cap * sizeof *p->runs);
    }
    size_t count = runs_of(r, p, starts, start_count, told, n);
    for (size_t i = 0; i < count; i++) {
        bool goes_on = p->runs[i].starts > 0;
        for (size_t level = 0; goes_on; level++) {
            const struct run_of *at = &p->runs[i + level];
            goes_on = level + 1 < r->x->levels && i + level + 1 < count && !at[1].apart;
            step(r, p, level, at, goes_on ? &at[1] : NULL, p->runs[i].starts);
        }
    }
    p->people += !r->nodes;
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
    if (work_full())
        return; /* what starts a path may not be among what was told then */
    for (size_t from = 0, told = 0, end; from < p->starts.n; from = end) {
        uint32_t who = p->starts.at[from].who;
        end = end_of(&p->starts, from, who);
        while (p->told.at[told].who < who)
            told++;
        p->ordinal = (uint32_t)(block * BLOCK) + who;
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

/* Its text is the dictionary's. */
static struct path_name name_of(const struct run *r, const struct node *n)
{
    struct path_name name = { .type = dict_text(&r->e->dict, n->type) };
    name.key.there = n->key.there;
    if (!n->key.there)
        return name;
    name.key.value.kind = n->key.kind;
    if (n->key.kind == VALUE_TEXT)
        name.key.value.text = dict_text(&r->e->dict, (uint32_t)n->key.value);
    else
        name.key.value.number = n->key.value;
    return name;
}

static bool comes_before(const struct run *r, size_t level, size_t a, size_t b)
{
    const struct nodes *s = r->nodes;
    i64 x = s->paths[a * s->levels + level], y = s->paths[b * s->levels + level];
    struct path_name m = name_of(r, &s->at[a]), n = name_of(r, &s->at[b]);
    return x > y || (x == y && path_name_compare(&m, &n) < 0);
}

/* Chooses who of a level is told. */
static void place(struct run *r, struct arena *a, size_t level, struct path_counts *c)
{
    const struct nodes *s = r->nodes;
    size_t best[QUERY_TOP_MAX + 1], count = 0, top = r->x->top;
    for (size_t n = 0; n < s->count; n++) {
        r->places[n * s->levels + level] = (uint8_t)top;
        if (!s->paths[n * s->levels + level])
            continue;
        size_t at = count;
        for (; at && comes_before(r, level, n, best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = n;
        count = MIN(count + 1, top);
    }
    for (size_t i = 0; i < count; i++) {
        struct path_name name = name_of(r, &s->at[best[i]]);
        name.type = arena_str(a, name.type);
        if (name.key.there && name.key.value.kind == VALUE_TEXT)
            name.key.value.text = arena_str(a, name.key.value.text);
        c->names[level * top + i] = name;
        r->places[best[i] * s->levels + level] = (uint8_t)i;
    }
}

/* Where the node of a level is told. */
static size_t place_named(const struct run *r, const struct path_counts *c, size_t level,
                          const struct path_named *n)
{
    const struct path_name name = { n->type, n->key };
    if (!n->asked || n->other)
        return n->asked ? r->x->top : ANY;
    for (size_t i = 0; i < r->x->top; i++)
        if (path_name_compare(&c->names[level * r->x->top + i], &name) == 0)
            return i;
    return NO;
}

static void part_done(struct part *p)
{
    people_work_free(p->work);
    hits_done(&p->starts);
    hits_done(&p->told);
    nodes_done(&p->nodes);
    free(p->steps);
    free(p->runs);
}

static void by_make(struct run *r, struct arena *a, uint32_t name)
{
    r->by = arena_zero(a, r->told.count + 1, sizeof *r->by);
    for (size_t i = 0; name && i < r->told.count; i++)
        match_columns(&r->told, i, name, r->by[i]);
}

/* False: over the limits. */
static bool run_twice(struct run *r, struct arena *a, struct path_counts *c)
{
    struct engine *e = r->e;
    struct part *first = &r->parts[0];
    if (!engine_work(e, paths_block, r))
        return false;
    for (int i = 1; i < e->threads; i++) {
        nodes_join(&first->nodes, &r->parts[i].nodes);
        first->people += r->parts[i].people;
    }
    r->nodes = &first->nodes;
    r->places = xcalloc(first->nodes.count * r->x->levels + 1, sizeof *r->places);
    for (size_t level = 0; level < r->x->levels; level++)
        place(r, a, level, c);
    r->node = r->to = ANY;
    if (r->behind.asked) {
        const struct behind *b = &r->q->behind;
        r->node = place_named(r, c, b->level - 1, &b->node);
        r->to = b->to.asked ? place_named(r, c, b->level, &b->to) : ANY;
    }
    bool done = engine_work(e, paths_block, r);
    free(r->places);
    for (int i = 0; i < e->threads; i++)
        for (size_t k = 0; k < path_cells(r->x); k++)
            c->paths[k] += r->parts[i].steps[k];
    c->people = first->people;
    return done;
}

enum err ask_paths(struct engine *e, struct arena *a, const struct query *q, instant now,
                   struct result *ret)
{
    const struct paths *x = &q->paths;
    struct run r = { .e = e, .q = q, .x = x };
    i64 until = MIN(q->until.ms, now.ms + 1);
    struct match told = told_match(e, a, x);
    struct path_counts counts = path_counts_new(a, q);
    if (q->people)
        TRY(people_ready_make(e, a, q->people, now, &r.people));
    ready_make(e, a, &x->match, q->since.ms, until, &r.starts);
    ready_make(e, a, &told, x->backwards ? INT64_MIN : q->since.ms,
               x->backwards ? until : now.ms + 1, &r.told);
    if (x->by.len)
        by_make(&r, a, dict_find(&e->dict, x->by));
    behind_start(e, q, NULL, 0, &r.behind);
    r.parts = xcalloc((size_t)e->threads, sizeof *r.parts);
    for (int i = 0; i < e->threads; i++) {
        r.parts[i].work = people_work_new();
        r.parts[i].nodes.levels = x->levels;
        r.parts[i].steps = xcalloc(path_cells(x), sizeof(i64));
    }
    if (run_twice(&r, a, &counts) && !r.behind.asked)
        paths_shown(a, q, &counts, &ret->paths);
    behind_end(e, a, &r.behind, ret);
    for (int i = 0; i < e->threads; i++)
        part_done(&r.parts[i]);
    free(r.parts);
    return OK;
}
