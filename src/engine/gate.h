/* gate: who is with the engine. Those who ask go in together, who tells alone.
 *
 * A background question stands back: it does not go in while somebody tells or waits to tell, or
 * asks; inside it pauses between blocks while others ask (gate_pause). Who tells goes in before
 * questions that came later, unless a background question is inside: then there is nothing to gain
 * by keeping people waiting for it. So telling waits for the questions of people that are inside,
 * and for at most one lot of background questions, which stop pausing once it has waited
 * GATE_PATIENCE_MS. Who tells again and again lets those in who waited meanwhile. */
#ifndef HETANG_GATE_H
#define HETANG_GATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/base.h"

#define GATE_PATIENCE_MS 100

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    _Atomic int asking; /* inside, in the foreground */
    int background;     /* inside */
    int inside[2];      /* both, by when they came */
    int now;            /* which of these who comes now is counted in */
    int queued, turn;   /* people's questions that wait; how many of them go before who tells */
    int waiting;        /* to tell */
    i64 waiting_us;     /* since when the first of them */
    bool telling;
};

void gate_init(struct gate *g);
void gate_done(struct gate *g);

struct visit {
    bool background;
    int when;
};
/* `stop`, unless NULL, is asked every few milliseconds of waiting; true: not let in. */
typedef bool gate_stop(void *arg);
bool gate_ask(struct gate *g, bool background, gate_stop *stop, void *arg, struct visit *ret);
void gate_asked(struct gate *g, const struct visit *v);
void gate_pause(struct gate *g, gate_stop *stop, void *arg); /* by a background question, inside */
void gate_tell(struct gate *g);
void gate_told(struct gate *g);
/* Waits until everybody who is inside now has left, and keeps nobody out. By one thread at a time,
 * from outside: what nobody finds any more can be freed then. */
void gate_drain(struct gate *g);

#endif
