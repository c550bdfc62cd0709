/* A history of any length that follows from its length alone, for tests of what an engine does
 * beside answering: saving, loading, folding, being asked by several. */
#ifndef HETANG_ENGINE_TOLD_H
#define HETANG_ENGINE_TOLD_H

#include "base/test.h"

#include "engine/engine.h"

/* Facts from … to - 1, those of four in a row of one person, and who they are; the engine has
 * covered `to` then. Some people are told anew, some forgotten. */
void told_more(struct engine *e, i64 from, i64 to);
struct query told_query(struct arena *a, const char *text); /* single quotes are double ones */
/* Of several questions of all kinds, as one text. */
str told_answers(struct arena *a, struct engine *e);
/* What an engine that was told so many answers. */
str told_expected(struct arena *a, i64 to);

#endif
