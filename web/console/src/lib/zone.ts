/* Days of the business zone as instants, for filters by date. */

/** How far the zone's clock is ahead of UTC at that instant, in milliseconds. */
function ahead(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(ms)
  const of = (type: string): number => Number(parts.find((p) => p.type === type)!.value)
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - Math.floor(ms / 1000) * 1000
}

/** When the day (2026-03-02) begins there; `plus` days later. A day whose midnight the clocks skip begins when they have. */
export function dayStart(day: string, zone: string, plus = 0): string {
  const wall = Date.parse(`${day}T00:00:00Z`) + plus * 86_400_000
  const first = wall - ahead(wall, zone)
  const second = wall - ahead(first, zone)
  return new Date(second + ahead(second, zone) === wall ? second : Math.max(first, second)).toISOString()
}
