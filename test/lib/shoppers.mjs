// People who buy at rates of their own and leave, some sooner, some later, as the value model supposes; always the same ones.

/** The days (numbers since 1970) on which each of `count` people buys, the first between `from` and `from` + 40, none from `until` on. */
export function shoppers(count, from, until) {
  let seed = 1
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
  return Array.from({ length: count }, (_, i) => {
    const gap = 4 + 40 * random() ** 2, leaves = i % 3 ? 0.06 : 0.4, days = new Set()
    for (let day = from + (i % 40); day < until; day += Math.max(1, -Math.log(random()) * gap)) {
      days.add(Math.floor(day))
      if (random() < leaves || days.size > 15) break
    }
    return [...days]
  })
}
