#include "engine/gate.h"

#include <time.h>

#include "base/time.h"

#define LOOK_MS 5

void gate_init(struct gate *g)
{
    pthread_condattr_t attr;
    *g = (struct gate) { 0 };
    pthread_mutex_init(&g->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->changed, &attr);
    pthread_condattr_destroy(&attr);
}

void gate_done(struct gate *g)
{
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->mutex);
}

/* Until something changed, or for a moment if there is something else to look at. */
static void wait_a_little(struct gate *g, bool look)
{
    struct timespec until;
    if (!look) {
        pthread_cond_wait(&g->changed, &g->mutex);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&g->changed, &g->mutex, &until);
}

static bool kept_out(const struct gate *g, bool background)
{
    if (background)
        return g->telling || g->waiting || g->asking;
    return g->telling || (g->waiting && !g->background && !g->turn);
}

bool gate_ask(struct gate *g, bool background, gate_stop *stop, void *arg, struct visit *ret)
{
    bool stopped = false;
    pthread_mutex_lock(&g->mutex);
    g->queued += !background;
    while (kept_out(g, background) && !(stopped = stop && stop(arg)))
        wait_a_little(g, stop != NULL);
    g->queued -= !background;
    if (g->turn > g->queued) {
        g->turn = g->queued;
        pthread_cond_broadcast(&g->changed);
    }
    if (!stopped) {
        *ret = (struct visit) { background, g->now };
        g->asking += !background;
        g->background += background;
        g->inside[g->now]++;
    }
    pthread_mutex_unlock(&g->mutex);
    return !stopped;
}

void gate_asked(struct gate *g, const struct visit *v)
{
    pthread_mutex_lock(&g->mutex);
    g->asking -= !v->background;
    g->background -= v->background;
    g->inside[v->when]--;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mutex);
}

void gate_drain(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    int then = g->now;
    g->now = !then; /* nobody of the time before that is left: the last drain waited for them */
    while (g->inside[then])
        wait_a_little(g, false);
    pthread_mutex_unlock(&g->mutex);
}

static bool impatient(const struct gate *g)
{
    return g->waiting && clock_monotonic_us() - g->waiting_us > GATE_PATIENCE_MS * 1000;
}

void gate_pause(struct gate *g, gate_stop *stop, void *arg)
{
    if (!g->asking)
        return;
    pthread_mutex_lock(&g->mutex);
    while (g->asking && !impatient(g) && !(stop && stop(arg)))
        wait_a_little(g, true);
    pthread_mutex_unlock(&g->mutex);
}

void gate_tell(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    if (!g->waiting++)
        g->waiting_us = clock_monotonic_us();
    while (g->telling || g->asking || g->background || g->turn)
        wait_a_little(g, false);
    g->waiting--;
    g->telling = true;
    pthread_mutex_unlock(&g->mutex);
}

void gate_told(struct gate *g)
{
    pthread_mutex_lock(&g->mutex);
    g->telling = false;
    g->turn = g->queued;
    if (g->waiting)
        g->waiting_us = clock_monotonic_us();
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->mutex);
}
