// Drives the console in Chromium as a person does, and looks at it: pictures in test/artefacts, names, contrast, overflow.
//
//   const desk = await startConsole()                  the server with the console inside, signed in by API as `desk.owner`
//   const page = await desk.open({ path: '/tags' })    a page of that person; options: language, theme, phone, signedIn, cookie
//   const page = await desk.visit('/tags')             the same, when it has all it shows
//   await desk.stop()                                  fails if any page logged an error or had a request refused that was not expected
//
// A refusal that belongs to the test is announced: page.expect(401, '/api/v1/sign-in').
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { eventually, NOW, root, signIn, startServer } from './server.mjs'
import { look } from './look.mjs'

export { look }
const artefacts = path.join(root, 'test/artefacts')
const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic']
const QUIET_MS = 80
export const DESK = { width: 1280, height: 800 }
export const PHONE = { width: 390, height: 844 }

export async function startBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
}

/** Everything that goes wrong on a page and was not expected goes into `wrong`. */
export function watch(page, wrong) {
  const expected = []
  // What is on its way. A stream of events always is; and of its icon the browser does not always say that it came.
  const asked = new Set()
  page.quietSince = Date.now()
  page.asked = asked
  let leaving = false
  page.on('request', (r) => {
    const leaves = r.isNavigationRequest() && r.frame() === page.mainFrame()
    if (leaves) asked.clear() // nobody waits any longer for what the page before asked, or asks while it goes
    else if (leaving) return
    leaving ||= leaves
    if (r.resourceType() !== 'eventsource' && !r.url().endsWith('/favicon.svg')) asked.add(r)
  })
  page.on('framenavigated', (f) => (leaving &&= f !== page.mainFrame()))
  for (const end of ['requestfinished', 'requestfailed'])
    page.on(end, (r) => {
      asked.delete(r)
      if (end === 'requestfailed' && r.isNavigationRequest()) leaving = false
      page.quietSince = Date.now()
    })
  page.expect = (status, url) => expected.push({ status, url })
  const known = (status, url) => expected.some((e) => e.status === status && url.includes(e.url))
  page.on('pageerror', (e) => wrong.push(`${page.url()}: ${e.stack ?? e}`))
  page.on('console', (m) => {
    if (!['error', 'warning'].includes(m.type())) return
    const refused = /status of (\d+)/.exec(m.text())
    if (refused && known(Number(refused[1]), m.location().url)) return
    if (/net::ERR_/.test(m.text()) && known(0, m.location().url)) return
    wrong.push(`${page.url()}: console ${m.type()}: ${m.text()} ${m.location().url}`)
  })
  page.on('requestfailed', (r) => {
    // A page that is left gives up what it was waiting for.
    if (r.failure()?.errorText !== 'net::ERR_ABORTED' && !known(0, r.url())) wrong.push(`${page.url()}: ${r.method()} ${r.url()}: ${r.failure()?.errorText}`)
  })
  page.on('response', (r) => {
    if (r.status() >= 400 && !known(r.status(), r.url())) wrong.push(`${page.url()}: ${r.request().method()} ${r.url()}: ${r.status()}`)
  })
  return page
}

export async function startConsole(options = {}) {
  const server = await startServer(options)
  const owner = await signIn(server)
  const browser = await startBrowser()
  const wrong = []
  const contexts = new Set()
  const give = (context, as) => context.addCookies(as.cookie().split('; ').map((c) => c.split('=')).map(([name, value]) => ({ name, value, url: server.url })))
  const desk = {
    server, owner, browser, wrong,
    /** open(), and the page has all it shows. */
    async visit(to, more = {}) {
      const page = await this.open({ path: to, ...more })
      await page.getByRole('heading', { level: 1 }).waitFor()
      await settled(page)
      return page
    },
    /** A window of its own: its cookies, its storage. */
    async open({ path: to, language = 'zh', theme = 'light', phone = false, signedIn = true, as = owner, viewport } = {}) {
      const context = await browser.newContext({
        viewport: viewport ?? (phone ? PHONE : DESK), isMobile: phone, hasTouch: phone, reducedMotion: 'reduce', baseURL: server.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai',
      })
      contexts.add(context)
      await context.clock.setSystemTime(options.clock ?? NOW)
      const kept = { 'hetang.language': language, 'hetang.theme': theme, ...(signedIn ? { 'hetang.staff': String(as.me.staff_id) } : {}) }
      // Once a window: what the person chooses later stays chosen when the page is loaded again.
      await context.addInitScript((items) => {
        if (sessionStorage.getItem('begun')) return
        sessionStorage.setItem('begun', '1')
        for (const [name, value] of Object.entries(items)) localStorage.setItem(name, value)
      }, kept)
      if (signedIn) await give(context, as)
      const page = watch(await context.newPage(), wrong)
      if (to) await page.goto(to)
      return page
    },
    /** The cookies of another session come into the window, as from another tab. */
    keep: (page, as) => give(page.context(), as),
    async stop() {
      for (const c of contexts) await c.close()
      await browser.close()
      await server.stop()
      assert.deepEqual(wrong, [])
    },
  }
  return desk
}

/** Types and clicks of a person who signs in. */
export async function signInByHand(page, login, password) {
  await page.getByLabel(/^(用户名|User name)$/).fill(login)
  await page.getByLabel(/^(密码|Password)$/).fill(password)
  await page.keyboard.press('Enter')
}

/** Nothing moves and nothing is on its way. */
export async function settled(page) {
  await page.waitForLoadState('load')
  const quiet = () => !page.asked?.size && !(Date.now() - page.quietSince < QUIET_MS)
  // What a page asks because of what came, it asks within two frames.
  const whole = () => page.evaluate(async () => {
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame)
    await new Promise(setTimeout)
    return !!document.querySelector('h1') && !document.querySelector('.skeleton, .progress, .is-loading')
  })
  await eventually(async () => quiet() && (await whole()) && quiet(), () => `a page at rest, which waits for ${[...(page.asked ?? [])].map((r) => r.url()).join() || 'what it shows as on its way'}`)
  await page.evaluate(() => document.fonts.ready)
}

/** Opens a select of a page, or of a part of it, by its label, at its edge: over the rest lie its text, what is chosen, and what takes that away. */
export async function unfold(where, label) {
  const page = where.page?.() ?? where
  await where.locator('.el-select__wrapper', { has: page.getByRole('combobox', { name: label, exact: true }) }).click({ position: { x: 4, y: 8 } })
}
/** What a select is set to; `exact`: no other option may begin so. */
export async function pick(page, label, option, { exact = false } = {}) {
  await unfold(page, label)
  await page.getByRole('option', { name: option, exact }).filter({ visible: true }).first().click()
}

/** What the address says a page of reports is asked. */
export const questionOf = (page) => JSON.parse(new URL(page.url()).searchParams.get('q') ?? 'null')

export async function picture(page, name) {
  fs.mkdirSync(artefacts, { recursive: true })
  await page.screenshot({ path: path.join(artefacts, `${name}.png`), animations: 'disabled' })
}

/**
 * Pictures of one page in every state, language and theme, on a desk and (one language) on a phone; each is also looked at
 * (test/lib/look.mjs). `states`: name → what to do on the server before, in this order. `ready(page, state)`: what to wait for.
 */
export async function shots(desk, { name, path: to, states, ready = async () => {}, signedIn = true, act = async () => {} }) {
  for (const [state, prepare] of Object.entries(states)) {
    await prepare?.(desk.owner)
    for (const phone of [false, true])
      for (const language of ['zh', 'en']) {
        const page = await desk.open({ path: to, language, phone, signedIn })
        for (const theme of ['light', 'dark']) {
          if (theme === 'dark') {
            await page.evaluate(() => localStorage.setItem('hetang.theme', 'dark'))
            await page.reload()
          }
          await settled(page)
          await ready(page, state)
          await act(page, state)
          const title = [name, state, language, theme, phone && 'phone'].filter(Boolean).join('-')
          await picture(page, title)
          await look(page, title)
        }
        await page.context().close()
      }
  }
}

/** The least that every page is looked at: Chinese and light on a desk, English and dark on a phone. `act` opens what is to be seen. */
export async function glance(desk, name, to, act = async () => {}) {
  for (const [language, theme, phone] of [['zh', 'light', false], ['en', 'dark', true]]) {
    const page = await desk.open({ path: to, language, theme, phone })
    await settled(page)
    await act(page)
    const title = [name, language, theme, phone && 'phone'].filter(Boolean).join('-')
    await picture(page, title)
    await look(page, title)
    await page.context().close()
  }
}
