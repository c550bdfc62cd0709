#include "base/rand.h"
#include "base/base.h"

#include <math.h>
#include <sys/random.h>

void rnd_seed(struct rnd *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ (z >> 31);
    }
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t rnd_u64(struct rnd *r)
{
    uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rnd_below(struct rnd *r, uint64_t n)
{
    assert(n > 0);
    unsigned __int128 m = (unsigned __int128)rnd_u64(r) * n; /* Lemire (2019) */
    if ((uint64_t)m < n)
        for (uint64_t floor = (0 - n) % n; (uint64_t)m < floor;)
            m = (unsigned __int128)rnd_u64(r) * n;
    return (uint64_t)(m >> 64);
}

double rnd_f64(struct rnd *r)
{
    return (double)(rnd_u64(r) >> 11) * 0x1p-53;
}

double rnd_normal(struct rnd *r)
{
    double u, v,
        s; /* Marsaglia's polar method, one of the pair thrown away so that no state is kept */
    do {
        u = 2 * rnd_f64(r) - 1;
        v = 2 * rnd_f64(r) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    return u * sqrt(-2 * log(s) / s);
}

double rnd_exponential(struct rnd *r, double rate)
{
    return -log(1 - rnd_f64(r)) / rate;
}

double rnd_gamma(struct rnd *r, double shape, double rate)
{
    assert(shape > 0 && rate > 0);
    if (shape < 1)
        return rnd_gamma(r, shape + 1, rate) * pow(1 - rnd_f64(r), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d); /* Marsaglia & Tsang (2000) */
    for (;;) {
        double x = rnd_normal(r), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(1 - rnd_f64(r)) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v / rate;
    }
}

double rnd_beta(struct rnd *r, double a, double b)
{
    double x = rnd_gamma(r, a, 1), y = rnd_gamma(r, b, 1);
    return x / (x + y);
}

void secret_bytes(void *to, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = getrandom((char *)to + got, len - got, 0);
        if (n <= 0) {
            fputs("hetang: the system gives no random bytes\n", stderr);
            abort();
        }
        got += (size_t)n;
    }
}
