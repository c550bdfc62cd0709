import { test, before, beforeEach, after } from 'node:test'
import assert from 'node:assert/strict'
import http2 from 'node:http2'
import { startServer, signIn, anonymous, problem, ask, setClock, eventually, all, NOW, PASSWORD } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'
import { totp } from '../lib/totp.mjs'

let server, owner, at
const office = new Map()
let now = Date.parse(NOW)
const pass = (ms) => setClock(server, new Date((now += ms)).toISOString())
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR
before(async () => {
  server = await startServer({ args: ['--trusted-proxy', '127.0.0.1'] })
  owner = await signIn(server, 'owner', PASSWORD, { jar: office })
  at = await plant(owner, { shop: ['store', 'root'] })
})
// The clock moves by days: sessions end.
beforeEach(async () => (owner = await signIn(server, 'owner', PASSWORD, { jar: office })))
after(() => server.stop())

const from = (ip) => ({ headers: { 'x-forwarded-for': ip } })
const brief = (p) => [p.status, p.code]
/** What a wrong (or another) password comes to, from an address, in a browser. */
const attempt = (login, { password = 'not the right one', ...options } = {}) =>
  signIn(server, login, password, options).then(() => [200, 'ok'], (e) => [e.status, e.problem.code])

async function raw(login, password, ip) {
  const reply = await fetch(`${server.url}/api/v1/sign-in`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': ip, 'accept-language': 'en' }, body: JSON.stringify({ login, password }),
  })
  const { request_id, ...body } = await reply.json()
  return { status: reply.status, retry: reply.headers.get('retry-after'), body }
}

test('a name that exists and one that does not: the same answers all the way', async () => {
  for (let i = 0; i < 7; i++) {
    const real = await raw('owner', 'wrong wrong wrong', '10.1.0.1')
    const none = await raw('nobody.here', 'wrong wrong wrong', '10.1.0.2')
    assert.deepEqual(real, none)
    assert.deepEqual([real.status, real.body.code, real.retry], i < 5 ? [401, 'bad_credentials', null] : [429, 'slow_down', '5'])
  }
  assert.equal((await raw('owner', 'wrong wrong wrong', '10.1.0.1')).body.title, 'Too many attempts; try again in 5 seconds')
  assert.equal(ask(server, "SELECT count(*) FROM sign_in_failure WHERE key LIKE '%owner%' OR login LIKE '%owner%'"), '0', 'what was typed is not kept')
  await pass(HOUR)
})

test('one name from one place: waits double up to a quarter of an hour, and end with the right password', async () => {
  const eva = await hire(server, owner, { login: 'eva', department: at.shop })
  const stranger = { ...from('10.2.0.1') }
  for (let i = 0; i < 5; i++) assert.deepEqual(await attempt('eva', stranger), [401, 'bad_credentials'])
  const waits = []
  for (let i = 0; i < 10; i++) {
    const p = await problem(signIn(server, 'eva', PASSWORD, stranger))
    assert.deepEqual(brief(p), [429, 'slow_down'], 'not even with the right one')
    waits.push(p.params.seconds)
    await pass(p.params.seconds * SECOND - 1)
    assert.deepEqual(await attempt('eva', stranger), [429, 'slow_down'], 'a try that is refused counts nothing and moves nothing')
    await pass(1)
    assert.deepEqual(await attempt('eva', stranger), [401, 'bad_credentials'])
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900])
  assert.deepEqual(await attempt('eva', { password: PASSWORD, ...from('10.2.0.2') }), [200, 'ok'], 'another place is not held up')
  await pass(15 * MINUTE)
  await signIn(server, 'eva', PASSWORD, stranger)
  for (let i = 0; i < 5; i++) assert.deepEqual(await attempt('eva', stranger), [401, 'bad_credentials'], 'counting began anew')
  assert.equal((await eva.account.me()).login, 'eva', 'who is signed in stays so')
  await pass(DAY)
  for (let i = 0; i < 5; i++) assert.deepEqual(await attempt('eva', stranger), [401, 'bad_credentials'], 'a day later, too')
})

test('while a crowd signs in the others are answered', async () => {
  const two = await startServer({ args: ['--workers', '2', '--trusted-proxy', '127.0.0.1'] })
  try {
    const someone = await signIn(two)
    const address = (i) => ({ headers: { 'x-forwarded-for': `10.9.0.${i}` } })
    let ended = 0
    const crowd = Array.from({ length: 24 }, (_, i) => problem(signIn(two, `nobody${i}`, 'not the right one', address(i))).then((p) => (ended++, p.code)))
    await eventually(() => ended > 0, 'the crowd is at it')
    for (let i = 0; i < 5; i++) await someone.account.me()
    assert.ok(ended < 20, `${ended} of 24 sign-ins had ended when five short requests had been answered one after the other`)
    assert.deepEqual([...new Set(await Promise.all(crowd))], ['bad_credentials'], 'they waited for their turn')
  } finally {
    await two.stop()
  }
})

test('more sign-ins than may wait are sent away, the others are not', async () => {
  const small = await startServer({ args: ['--workers', '2', '--queue-max', '8', '--trusted-proxy', '127.0.0.1'] })
  try {
    const someone = await signIn(small)
    const crowd = Array.from({ length: 40 }, (_, i) => fetch(`${small.url}/api/v1/sign-in`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.9.1.${i}` }, body: JSON.stringify({ login: `nobody${i}`, password: 'not the right one' }),
    }))
    await Promise.race(crowd)
    assert.equal((await someone.account.me()).login, 'owner')
    const replies = await Promise.all(crowd)
    const busy = replies.filter((r) => r.status === 503)
    assert.ok(busy.length > 0 && busy.every((r) => r.headers.get('retry-after') === '1'))
    assert.ok(replies.every((r) => [401, 503].includes(r.status)))
  } finally {
    await small.stop()
  }
})

test('a hundred at once are a hundred tries', async () => {
  const results = await Promise.all(Array.from({ length: 40 }, () => attempt('owner', from('10.3.0.1'))))
  const looked = results.filter(([status]) => status === 401).length
  assert.ok(looked <= 5, `${looked} were looked at`)
  assert.ok(results.every(([status]) => [401, 429, 503].includes(status)))
  await pass(HOUR)
})

test('one place, many names: a minute each from the thirtieth on; the last half of an IPv6 address is the same place', async () => {
  const results = []
  for (let i = 0; i < 31; i++) results.push(await attempt(`guess.${i}`, from(`2001:db8:1:2::${i}`)))
  assert.deepEqual(results.map(([status]) => status), [...Array(30).fill(401), 429])
  assert.equal((await attempt('guess.31', from('2001:db8:1:3::1')))[0], 401, 'the neighbour is not held up')
  assert.deepEqual((await raw('owner', PASSWORD, '2001:db8:1:2::ffff')).status, 429)
  await pass(SECOND)
  for (let i = 0; i < 7; i++) {
    assert.equal((await attempt(`more.${i}`, from('2001:db8:1:2::1')))[0], 401)
    await pass(MINUTE)
  }
  assert.equal((await attempt('more.8', from('2001:db8:1:2::1')))[0], 401, 'never longer than a minute')
  await pass(HOUR)
})

test('one name from everywhere: strangers wait, the owner\'s own browser does not', async () => {
  const jar = new Map()
  const finn = await hire(server, owner, { login: 'finn', department: at.shop }, { jar, ...from('10.5.9.9') })
  assert.match(jar.get('hetang_browser'), /^[\w-]{32}$/)
  await finn.account.signOut()
  for (let i = 0; i < 20; i++) assert.deepEqual(await attempt('finn', from(`10.5.0.${i}`)), [401, 'bad_credentials'])
  assert.deepEqual(await attempt('finn', { password: PASSWORD, ...from('10.5.1.1') }), [429, 'slow_down'], 'a stranger with the right password')
  assert.deepEqual(await attempt('finn', { password: PASSWORD, jar: new Map([['hetang_browser', 'x'.repeat(32)]]), ...from('10.5.1.1') }), [429, 'slow_down'])
  const again = await signIn(server, 'finn', PASSWORD, { jar, ...from('10.5.1.1') })
  assert.equal(again.me.login, 'finn')

  // The name stays slow for strangers, at most five minutes at a time.
  for (let i = 0; i < 9; i++) {
    await pass(5 * MINUTE)
    assert.deepEqual(await attempt('finn', from(`10.6.0.${i}`)), [401, 'bad_credentials'])
    assert.deepEqual(await attempt('finn', from(`10.6.1.${i}`)), [429, 'slow_down'])
  }

  // The browser is no way round: it has a limit of its own, and says nothing of other names.
  for (let i = 0; i < 5; i++) assert.deepEqual(await attempt('finn', { jar: new Map(jar), ...from(`10.7.0.${i}`) }), [401, 'bad_credentials'])
  assert.deepEqual(await attempt('finn', { password: PASSWORD, jar: new Map(jar), ...from('10.7.0.9') }), [429, 'slow_down'])
  await pass(5 * SECOND)
  await signIn(server, 'finn', PASSWORD, { jar: new Map(jar), ...from('10.7.0.9') })

  // A new first password forgets the browser along with the failures.
  const id = finn.id
  const { first_password } = await owner.staff.resetPassword({ id })
  for (let i = 0; i < 20; i++) await attempt('finn', { jar: new Map(jar), ...from(`10.8.0.${i}`) })
  assert.deepEqual(await attempt('finn', { password: first_password, jar: new Map(jar), ...from('10.8.1.1') }), [429, 'slow_down'])
  await owner.staff.resetPassword({ id, password: 'another one by hand' })
  await signIn(server, 'finn', 'another one by hand', from('10.8.1.1'))
})

test('a shop\'s browser is known for each who uses it; a made-up cookie is not taken up', async () => {
  const jar = new Map()
  await hire(server, owner, { login: 'gil', department: at.shop }, { jar })
  const cookie = jar.get('hetang_browser')
  await hire(server, owner, { login: 'hal', department: at.shop }, { jar })
  assert.equal(jar.get('hetang_browser'), cookie)
  const forged = new Map([['hetang_browser', 'chosen-by-somebody-else-12345678']])
  await signIn(server, 'gil', PASSWORD, { jar: forged })
  assert.notEqual(forged.get('hetang_browser'), 'chosen-by-somebody-else-12345678')
})

test('the cookies: out of reach of scripts, the browser\'s for long, the session\'s not', async () => {
  const reply = await anonymous(server).fetch('/api/v1/sign-in', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: 'owner', password: PASSWORD }),
  })
  const cookies = Object.fromEntries(reply.headers.getSetCookie().map((c) => [c.split('=')[0], c]))
  assert.match(cookies.hetang_session, /^hetang_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  assert.match(cookies.hetang_browser, /^hetang_browser=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=34560000$/)
  assert.equal(ask(server, `SELECT count(*) FROM session WHERE token_hash = '${cookies.hetang_session.slice(15, 58)}'`), '0', 'kept as a digest')
})

test('a write needs the page\'s token; a session needs no more to read', async () => {
  const post = (client, headers) => fetch(`${server.url}/api/v1/tag-groups`, {
    method: 'POST', headers: { 'content-type': 'application/json', cookie: client.cookie(), ...headers }, body: JSON.stringify({ name: `g${Math.random()}` }),
  })
  const other = await signIn(server)
  const bad = async (reply) => [reply.status, (await reply.json()).code]
  assert.deepEqual(await bad(await post(owner, {})), [403, 'bad_csrf'])
  assert.deepEqual(await bad(await post(owner, { 'x-csrf-token': '' })), [403, 'bad_csrf'])
  assert.deepEqual(await bad(await post(owner, { 'x-csrf-token': other.csrf() })), [403, 'bad_csrf'], 'of another session')
  assert.equal((await post(owner, { 'x-csrf-token': owner.csrf() })).status, 201)
  assert.equal((await fetch(`${server.url}/api/v1/me`, { headers: { cookie: owner.cookie() } })).status, 200)
  assert.deepEqual(await bad(await fetch(`${server.url}/api/v1/me`, { headers: { cookie: 'hetang_session=nonsense' } })), [401, 'not_signed_in'])
})

test('cookies that come in crumbs (HTTP/2) are one', async () => {
  const session = http2.connect(server.url)
  const crumbs = owner.cookie().split('; ')
  assert.equal(crumbs.length, 2)
  for (const cookie of [crumbs, [...crumbs].reverse(), ['a=b', ...crumbs, 'c=d']]) {
    const status = await new Promise((resolve, reject) => {
      const r = session.request({ ':path': '/api/v1/me', cookie })
      r.on('response', (h) => resolve(h[':status'])).on('error', reject)
      r.resume().end()
    })
    assert.equal(status, 200, JSON.stringify(cookie))
  }
  await new Promise((resolve) => session.close(resolve))
})

test('a session ends unless it is used, and is then removed', async () => {
  const ida = await hire(server, owner, { login: 'ida', department: at.shop })
  for (let i = 0; i < 3; i++) {
    await pass(11 * HOUR)
    await ida.account.me() // a use moves the end
  }
  await pass(12 * HOUR)
  assert.deepEqual(brief(await problem(ida.account.me())), [401, 'not_signed_in'])
  const kept = () => ask(server, 'SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM sign_in_failure), (SELECT count(*) FROM staff_browser)')
  assert.match(kept(), /^[1-9]\d*\|[1-9]\d*\|[1-9]\d*$/)
  await pass(Math.max(0, Date.now() - now) + 2 * DAY) // the hourly job was planned by the clock on the wall
  await eventually(() => /^0\|0\|[1-9]/.test(kept()), 'what has expired is removed')
  await pass(401 * DAY)
  await eventually(() => kept() === '0|0|0', 'a browser that was not seen for long is forgotten')
})

test('a session ends some time after signing in however much it is used; a limit that is lowered holds for those there are', async () => {
  await owner.system.settingPut({ name: 'session_hours', value: '720' })
  await owner.system.settingPut({ name: 'session_days', value: '3' })
  const used = await signIn(server, 'owner', PASSWORD, { jar: office }), opened = now
  const ends = async () => (await used.session.list()).items.find((s) => s.current).expires_at
  for (let day = 0; day < 2; day++) {
    await pass(DAY + MINUTE)
    await used.account.me()
  }
  assert.equal(Date.parse(await ends()), opened + 3 * DAY, 'used, it is not moved beyond')
  const late = await signIn(server, 'owner', PASSWORD, { jar: new Map(office) })
  await pass(opened + 3 * DAY - now - 1)
  await used.account.me()
  await pass(1)
  assert.deepEqual(brief(await problem(used.account.me())), [401, 'not_signed_in'])
  await late.system.settingPut({ name: 'session_days', value: '1' })
  await pass(HOUR)
  assert.deepEqual(brief(await problem(late.account.me())), [401, 'not_signed_in'], 'opened a day ago, when three days were allowed')
  const last = await signIn(server, 'owner', PASSWORD, { jar: new Map(office) })
  assert.equal((await last.session.list()).items.length, 1, 'the others are not shown either')
  for (const name of ['session_hours', 'session_days']) await last.system.settingReset({ name })
  await pass(DAY)
})

test('one-time codes: enrolled, confirmed, asked for, each used once, turned off', async () => {
  const jo = await hire(server, owner, { login: 'jo', department: at.shop, roles: ['staff'] })
  const wrong = async (promise) => {
    const p = await problem(promise)
    return [p.status, p.code, p.field ?? null]
  }
  assert.deepEqual(await wrong(jo.account.totpConfirm({ code: '000000' })), [409, 'wrong_state', null])
  await jo.account.totpEnrol()
  const { secret, uri } = await jo.account.totpEnrol()
  assert.equal(secret.length, 32)
  assert.equal(uri, `otpauth://totp/Hetang:jo?secret=${secret}&issuer=Hetang&algorithm=SHA1&digits=6&period=30`)
  assert.deepEqual((await signIn(server, 'jo')).me.totp, false, 'not asked for before it is confirmed')
  const off = String((Number(totp(secret, now)) + 1) % 1000000).padStart(6, '0')
  assert.deepEqual(await wrong(jo.account.totpConfirm({ code: off })), [422, 'invalid', 'code'])
  await jo.account.totpConfirm({ code: totp(secret, now) })
  assert.deepEqual(await wrong(jo.account.totpEnrol()), [409, 'wrong_state', null])
  assert.deepEqual(await wrong(jo.account.totpConfirm({ code: totp(secret, now) })), [409, 'wrong_state', null])
  assert.equal((await jo.account.me()).totp, true)
  assert.equal((await owner.staff.get({ id: jo.id })).totp, true)
  assert.equal(ask(server, `SELECT count(*) FROM staff WHERE totp_on AND totp_sealed IS NOT NULL AND id = ${jo.id}`), '1')

  const enter = (code, password = PASSWORD) => signIn(server, 'jo', password, { code, ...from('10.9.0.1') })
  assert.deepEqual(await wrong(enter()), [401, 'code_required', 'code'])
  assert.deepEqual(await wrong(enter(undefined, 'not the password')), [401, 'bad_credentials', null], 'nobody learns of the code without the password')
  assert.deepEqual(await wrong(enter(totp(secret, now))), [401, 'bad_code', 'code'], 'the code of the confirmation is used')
  await pass(30 * SECOND)
  const code = totp(secret, now)
  await enter(code)
  assert.deepEqual(await wrong(enter(code)), [401, 'bad_code', 'code'], 'once')
  await pass(MINUTE)
  await enter(totp(secret, now + 30 * SECOND)) // a telephone that is fast
  assert.deepEqual(await wrong(enter(totp(secret, now))), [401, 'bad_code', 'code'], 'a step before one that was used')
  await pass(90 * SECOND)
  assert.deepEqual(await wrong(enter(totp(secret, now - MINUTE))), [401, 'bad_code', 'code'], 'too old')
  await enter(totp(secret, now - 30 * SECOND)) // a telephone that is slow

  // Guessing codes is a failure like another, and asking without one clears nothing.
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await wrong(enter('123456')), [401, 'bad_code', 'code'])
    if (i < 4) assert.deepEqual(await wrong(enter()), [401, 'code_required', 'code'])
  }
  assert.deepEqual(brief(await problem(enter(totp(secret, now)))), [429, 'slow_down'])

  // Turning it off takes the password, which is not guessed in an open session either.
  for (let i = 0; i < 5; i++) assert.deepEqual(await wrong(jo.account.totpDisable({ password: 'guess number 1' })), [422, 'invalid', 'password'])
  const p = await problem(jo.account.totpDisable({ password: PASSWORD }))
  assert.deepEqual([...brief(p), p.params.seconds], [429, 'slow_down', 5])
  await pass(5 * SECOND)
  await jo.account.totpDisable({ password: PASSWORD })
  await signIn(server, 'jo')
  assert.equal((await owner.staff.get({ id: jo.id })).totp, false)

  // The office turns it off for who has lost the telephone.
  const again = await jo.account.totpEnrol()
  await jo.account.totpConfirm({ code: totp(again.secret, now) })
  assert.equal((await owner.staff.totpOff({ id: jo.id })).totp, false)
  await signIn(server, 'jo')
})

test('signing out ends this session alone', async () => {
  const kay = await hire(server, owner, { login: 'kay', department: at.shop })
  const second = await signIn(server, 'kay')
  await second.account.signOut()
  assert.ok(!second.jar.has('hetang_session'))
  assert.ok(second.jar.has('hetang_browser'), 'the browser stays known')
  assert.deepEqual(brief(await problem(second.account.me())), [401, 'not_signed_in'])
  assert.equal((await kay.account.me()).login, 'kay')
})

test('sign-ins are on record', async () => {
  const before = Number(ask(server, "SELECT count(*) FROM audit WHERE action = 'account.sign_in'"))
  await signIn(server)
  assert.equal(Number(ask(server, "SELECT count(*) FROM audit WHERE action = 'account.sign_in'")), before + 1)
  assert.ok((await all(owner.session.list)).length > 0)
})
