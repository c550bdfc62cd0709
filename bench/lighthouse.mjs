// Lighthouse (desktop) on pages of the console as the release binary serves them. Prints a line a page and what cost points; fails
// below 95 in performance, accessibility or best practices.
//   ./run build && node bench/lighthouse.mjs [/path …]      by default sign-in, signed out, and the first page, signed in
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import lighthouse from 'lighthouse'
import desktop from 'lighthouse/core/config/desktop-config.js'
import { chromium } from 'playwright-core'

process.env.HETANG_BINARY ??= path.resolve('build/release/hetang')
const { startServer, signIn, tempFolder } = await import('../test/lib/server.mjs')
const LEAST = 95
const categories = ['performance', 'accessibility', 'best-practices']

if (!fs.existsSync(process.env.HETANG_BINARY)) {
  console.error(`${process.env.HETANG_BINARY} is not there: ./run build`)
  process.exit(2)
}
const freePort = () => new Promise((resolve) => {
  const s = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = s.address()
    s.close(() => resolve(port))
  })
})

const server = await startServer({ clock: null })
const owner = await signIn(server)
const port = await freePort()
const browser = await chromium.launchPersistentContext(tempFolder('hetang-lighthouse-'), {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-quic', `--remote-debugging-port=${port}`],
})

async function measure(url) {
  const { lhr } = await lighthouse(url, { port, output: 'json', logLevel: 'error', onlyCategories: categories, disableStorageReset: true }, desktop)
  const scores = categories.map((c) => Math.round(lhr.categories[c].score * 100))
  console.log(`${lhr.finalDisplayedUrl.replace(server.url, '').padEnd(24)} ${categories.map((c, i) => `${c} ${scores[i]}`).join('   ')}   first paint ${lhr.audits['first-contentful-paint'].displayValue}, largest ${lhr.audits['largest-contentful-paint'].displayValue}`)
  for (const c of categories)
    for (const ref of lhr.categories[c].auditRefs) {
      const audit = lhr.audits[ref.id]
      if (ref.weight && audit.score !== null && audit.score < 0.95) console.log(`    ${c}: ${audit.title} (${Math.round(audit.score * 100)}) ${audit.displayValue ?? ''}`)
    }
  return scores.every((s) => s >= LEAST)
}

let good = true
const wanted = process.argv.slice(2)
if (!wanted.length) good = (await measure(`${server.url}/sign-in`)) && good
await browser.addCookies([...owner.jar].map(([name, value]) => ({ name, value, url: server.url })))
const page = await browser.newPage()
await page.goto(`${server.url}/healthz`)
await page.evaluate((staff) => localStorage.setItem('hetang.staff', staff), String(owner.me.staff_id))
await page.close()
for (const { key } of (await owner.tagPreset.list()).items) await owner.tagPreset.install({ key })
for (const to of wanted.length ? wanted : ['/']) good = (await measure(server.url + to)) && good
await browser.close()
await server.stop()
process.exit(good ? 0 : 1)
