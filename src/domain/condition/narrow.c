/* Finding people by the indexes of several leaves at once: each gives its numbers, what they have
 * in common stays. A page of 50 among a million whose filters let one in a thousand through is
 * found so in a few milliseconds, where walking its order looks at tens of thousands of rows. */
#include "domain/condition/internal.h"

#include <math.h>

#define SOME    2000           /* people: so few are looked at one by one */
#define HIGHEST ((i64)1 << 27) /* number of a person for whom there is a bit */

/* One value, of a column whose index also has the numbers in order. */
static bool orders_by_id(const struct leaf *l)
{
    enum figure f = l->kind == LEAF_ATTR ? figure_of(l) : FIG_COUNT;
    return l->op == OP_IN && l->count == 1 &&
           (f == FIG_STAGE || f == FIG_DEPARTMENT || f == FIG_STAFF || f == FIG_CITY);
}

/* A leaf of the conjunction at the top that stands for itself; `n` NULL: the first. */
static struct node *next_leaf(const struct condition *c, struct node *n)
{
    bool all = c->root && c->root->kind == NODE_ALL;
    if (!all && n)
        return NULL;
    for (n = n ? n->next : all ? c->root->first : c->root; n; n = all ? n->next : NULL)
        if (n->kind == NODE_LEAF && !n->leaf.joined)
            return n;
    return NULL;
}

static void steer(struct leaf *l, enum steer how)
{
    for (; l; l = l->also)
        l->steer = how;
}

void condition_walk(struct condition *c, bool by_id)
{
    for (struct node *n = next_leaf(c, NULL); n; n = next_leaf(c, n))
        steer(&n->leaf, by_id && orders_by_id(&n->leaf) ? STEER_NOT : STEER_PAST);
}

/* Does the index have everybody the leaf holds for? Not those without a row in customer_sales, and
 * in it nothing stands as 0: what 0 fits, it does not know. */
static bool complete(struct ctx *cx, const struct leaf *l)
{
    i64 from_ms, to_ms;
    if (!l->row->index || leaf_window(l, cx->now, &from_ms, &to_ms))
        return false;
    if (l->op == OP_BETWEEN)
        return l->low > 0; /* not where it is open, NaN */
    if (l->op == OP_IN)
        for (size_t i = 0; l->type != TYPE_TEXT && i < l->count; i++)
            if (l->numbers[i] <= 0)
                return false;
    return l->op == OP_IN || l->op == OP_STARTS || l->op == OP_WITHIN;
}

static bool served(struct ctx *cx, const struct leaf *l)
{
    if (l->kind == LEAF_TAG || l->kind == LEAF_SEGMENT)
        return l->is;
    for (const struct leaf *each = l->kind == LEAF_RFM ? l : NULL; each; each = each->also)
        if (complete(cx, each))
            return true;
    return (l->kind == LEAF_ATTR || l->kind == LEAF_ORDER) && (l->op == OP_NEXT || complete(cx, l));
}

static enum err leaf_people(struct ctx *cx, const struct leaf *l, struct condition_sql *s)
{
    strbuf_init(&s->text, cx->arena, 1 << 20);
    if (l->kind == LEAF_TAG || l->kind == LEAF_SEGMENT) {
        out_z(&s->text, l->kind == LEAF_TAG
                            ? "SELECT g.customer_id FROM customer_tag g WHERE g.tag_id = "
                            : "SELECT g.customer_id FROM segment_member g WHERE g.segment_id = ");
        out(&s->text, condition_bind(cx, s, V(l->id)));
        return OK;
    }
    if (l->kind == LEAF_RFM) {
        out_z(&s->text, "SELECT q.customer_id FROM rfm_current q WHERE ");
        return leaf_scores(cx, l, s);
    }
    out_z(&s->text, l->kind == LEAF_ORDER
                        ? "SELECT s.customer_id FROM customer_sales s WHERE ("
                        : "SELECT c.id FROM customer c WHERE c.merged_into IS NULL AND"
                          " c.erased_at IS NULL AND (");
    TRY(leaf_sql(cx, l, s));
    out_c(&s->text, ')');
    return OK;
}

struct people {
    VEC(i64) ids;
    uint64_t *bits; /* of everybody in ids */
    i64 highest;    /* for whom there is a bit */
    bool known;
};

static bool has(const struct people *p, i64 id)
{
    return id <= p->highest && (p->bits[id / 64] >> (id % 64) & 1);
}

static void flip(struct people *p)
{
    for (size_t i = 0; i < p->ids.n; i++)
        p->bits[p->ids.at[i] / 64] ^= (uint64_t)1 << (p->ids.at[i] % 64);
}

/* Those of the leaf who are also in *p; everybody of it at first. Nothing changes if it has more
 * than `most`. */
static enum err keep_common(struct ctx *cx, struct leaf *l, i64 most, struct people *p)
{
    struct rows r CLEANUP(rows_close) = { 0 };
    struct condition_sql s = { 0 };
    struct people common = { .bits = p->bits, .highest = p->highest, .known = true };
    i64 seen = 0;
    TRY(leaf_people(cx, l, &s));
    out_fmt(&s.text, " LIMIT %lld", (long long)most + 1);
    TRY(db_query_text(cx->db, "condition_people", strbuf_str(&s.text), &r, s.binds.at, s.binds.n));
    while (rows_next(&r)) {
        i64 id = col_id(&r, 0);
        if (++seen > most || id >= HIGHEST)
            return OK;
        if (p->known && !has(p, id))
            continue;
        *vec_push(cx->arena, &common.ids) = id;
        common.highest = MAX(common.highest, id);
    }
    TRY(rows_end(&r));
    if (!p->known)
        common.bits = NEW_N(cx->arena, uint64_t, (size_t)common.highest / 64 + 1);
    flip(p);
    *p = common;
    flip(p);
    l->answered = true;
    return OK;
}

enum err condition_people(struct ctx *cx, struct condition *c, i64 most, i64 few, bool *ret_known,
                          list *ret_people)
{
    struct people p = { 0 };
    *ret_known = false;
    if (db_engine(db_of(cx->db)) != DB_SQLITE)
        return OK;
    for (i64 up_to = MIN(most, SOME);; up_to = most) {
        for (struct node *n = next_leaf(c, NULL); n; n = next_leaf(c, n)) {
            struct leaf *l = &n->leaf;
            if (l->answered || !served(cx, l) || (p.known && p.ids.n <= SOME))
                continue;
            steer(l, STEER_BY);
            TRY(keep_common(cx, l, up_to, &p));
        }
        if (up_to == most)
            break;
    }
    *ret_known = p.known && (i64)p.ids.n <= few;
    for (struct node *n = *ret_known ? NULL : next_leaf(c, NULL); n; n = next_leaf(c, n))
        n->leaf.answered = false;
    *ret_people = (list) { p.ids.at, p.ids.n };
    return OK;
}
