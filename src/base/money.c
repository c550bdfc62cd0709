#include "base/money.h"
#include "base/base.h"

bool money_add(money a, money b, money *ret)
{
    int64_t n;
    if (__builtin_add_overflow(a.fen, b.fen, &n))
        return false;
    *ret = (money) { n };
    return true;
}

bool money_sub(money a, money b, money *ret)
{
    int64_t n;
    if (__builtin_sub_overflow(a.fen, b.fen, &n))
        return false;
    *ret = (money) { n };
    return true;
}

bool money_times(money a, int64_t factor, money *ret)
{
    int64_t n;
    if (__builtin_mul_overflow(a.fen, factor, &n))
        return false;
    *ret = (money) { n };
    return true;
}

bool decimal_read(str s, struct decimal *ret)
{
    bool negative = s.len && s.ptr[0] == '-', any = false, point = false;
    struct decimal d = { 0 };
    for (size_t i = negative || (s.len && s.ptr[0] == '+'); i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        any = true;
        if (point && d.scale == 6) {
            if (c != '0')
                return false;
            continue;
        }
        if (__builtin_mul_overflow(d.digits, 10, &d.digits) ||
            __builtin_add_overflow(d.digits, c - '0', &d.digits))
            return false;
        d.scale += point;
    }
    if (!any)
        return false;
    if (negative)
        d.digits = -d.digits;
    *ret = d;
    return true;
}

bool money_of_product(struct decimal quantity, struct decimal price, money *ret)
{
    __int128 n = (__int128)quantity.digits * price.digits;
    int scale = quantity.scale + price.scale;
    for (; scale < 2; scale++)
        if (__builtin_mul_overflow(n, 10, &n))
            return false;
    __int128 unit = 1;
    for (; scale > 2; scale--)
        unit *= 10;
    __int128 half = unit / 2;
    n = (n + (n < 0 ? -half : half)) / unit;
    if (n > INT64_MAX || n <= INT64_MIN)
        return false;
    *ret = (money) { (int64_t)n };
    return true;
}

bool money_read(str s, money *ret)
{
    struct decimal d;
    return decimal_read(s, &d) && money_of_product(d, (struct decimal) { 1, 0 }, ret);
}

void out_money(struct strbuf *sb, money m)
{
    uint64_t u = m.fen < 0 ? 0 - (uint64_t)m.fen : (uint64_t)m.fen;
    out_fmt(sb, "%s%llu.%02u", m.fen < 0 ? "-" : "", (unsigned long long)(u / 100),
            (unsigned)(u % 100));
}

void money_split(struct arena *a, money whole, const int64_t *weights, size_t count,
                 money *ret_parts)
{
    __int128 total = 0;
    for (size_t i = 0; i < count; i++) {
        assert(weights[i] >= 0);
        total += weights[i];
    }
    assert(total > 0);
    int sign = whole.fen < 0 ? -1 : 1;
    __int128 amount = (__int128)whole.fen * sign;
    __int128 *remainder = arena_zero(a, count, sizeof *remainder);
    int64_t left = (int64_t)amount;
    for (size_t i = 0; i < count; i++) {
        __int128 exact = amount * weights[i];
        ret_parts[i] = (money) { (int64_t)(exact / total) };
        remainder[i] = exact % total;
        left -= ret_parts[i].fen;
    }
    for (; left > 0; left--) { /* fewer rounds than parts: each remainder is below one fen */
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (remainder[i] > remainder[best])
                best = i;
        remainder[best] = -1;
        ret_parts[best].fen++;
    }
    for (size_t i = 0; i < count; i++)
        ret_parts[i].fen *= sign;
}
