/* engine: the column index of the log, and the answers to questions (query.h) over it. It is
 * derived data: what it is told by engine_person() and engine_fact() stands elsewhere, and can be
 * told again.
 *
 * Threads: one thread tells (facts and persons), any thread asks, folds and saves; a gate lets
 * those who ask in together and keeps people before machines (gate.h). Nothing told is seen by a
 * question that has begun.
 *
 * Facts come in any order, each once: who tells knows how far they have told (its sequence number).
 * A fact of a person nobody has told about makes one without attributes. */
#ifndef HETANG_ENGINE_H
#define HETANG_ENGINE_H

#include <stdatomic.h>

#include "engine/fact.h"
#include "engine/result.h"

struct engine;

struct engine *engine_new(int threads); /* threads: those that work on one question */
void engine_free(struct engine *e);

/* Between these the telling thread has the engine for itself; keep it short. */
void engine_begin(struct engine *e);
void engine_end(struct engine *e);
void engine_person(struct engine *e, const struct person *p); /* all attributes and sets, anew */
void engine_fact(struct engine *e, const struct fact *f);
/* The person and all their facts are gone; told again, they are there again. */
void engine_forget(struct engine *e, i64 person);
/* All tails into their bases, while everybody waits; nothing if another thread folds or saves. */
void engine_fold(struct engine *e);

/* Outside of these, by any thread: folds the table most in need of it, if one is. Questions and
 * telling go on meanwhile; telling waits for moments at the beginning and the end, questions never.
 * False: none was, which is quick to see, or another thread folds or saves. Who tells much without
 * ever calling it makes questions slow. */
bool engine_fold_some(struct engine *e);

/* Outside of these, by any thread: what is left of those forgotten before goes: their rows, and the
 * types, properties, sets and words that only they had. Until then nobody is answered with them,
 * but they are in memory, and in what is saved. Waits for who folds or saves. Questions go on but
 * for a moment at the end; telling waits for several. */
void engine_purge(struct engine *e);

/* Everything up to this sequence number of the log has been told; between begin and end. */
void engine_cover(struct engine *e, i64 seq);
i64 engine_covered(struct engine *e); /* 0: nothing */

/* The engine as files of a folder, which nobody else writes to. `origin` names the log it was told
 * of, and only an engine of the same origin comes back.
 *
 * Saved is what has been told at one moment, with how far that was. Only what changed is written
 * again: bases of types that were not folded since are kept, all else is one file, the index; its
 * renaming is the moment from which the new state is the one that is loaded. Any thread, and while
 * others ask and tell: telling waits while the index is put together in memory, asking never. */
enum err engine_save(struct engine *e, const char *folder, uint64_t origin,
                     const char **ret_reason);
/* ERR_NOT_FOUND: nothing was ever saved there. ERR_FILE: what is there is damaged, or not of this
 * version, or of another log. Either way the log has to be told from its beginning, and saving
 * replaces what is there. Every byte is compared with its checksum before anything is answered;
 * bases are read where they are mapped, so the folder belongs to the engine until it is freed. */
enum err engine_load(const char *folder, uint64_t origin, int threads, struct engine **ret,
                     const char **ret_reason);

struct engine_stats {
    i64 persons, facts;
    size_t bytes;
};
void engine_stats(struct engine *e, struct engine_stats *ret);

/* What was told: types, those with most facts first, and their properties by name. Facts of the
 * forgotten count until the next fold. */
struct engine_prop {
    str name;
    unsigned kinds; /* a bit for each enum value_kind it came as */
};
struct engine_type {
    str name;
    i64 facts;
    struct engine_prop *props;
    size_t prop_count;
};
void engine_types(struct engine *e, struct arena *a, struct engine_type **ret, size_t *ret_count);

/* For whom of a few each of these conditions holds (NULL: everybody): ret[k * count + i] of
 * asked[k] and persons[i]. Nobody told about: false. What each costs follows from the persons'
 * facts. */
enum err engine_fit(struct engine *e, const struct people *const *asked, size_t asked_count,
                    instant now, const i64 *persons, size_t count, bool *ret);

/* How far a question may go. Looked at before each block of persons; what is over is refused,
 * whatever was found by then. */
struct engine_limits {
    i64 deadline_us;            /* by clock_monotonic_us(); 0: none */
    const _Atomic bool *cancel; /* true: it is no longer wanted; NULL: it always is */
    size_t memory;              /* bytes taken for it, scratch and arena, a block's more at the
                                   most; what was given back meanwhile counts too; 0: any */
    bool background;            /* it stands back for those that are not (gate.h) */
};

/* Texts of the result are in the arena. `limits` NULL: none. ERR_TOO_SLOW, ERR_TOO_COSTLY,
 * ERR_CANCELLED: over them. */
enum err engine_ask(struct engine *e, struct arena *a, const struct query *q, instant now,
                    const struct engine_limits *limits, struct result *ret);

#endif
