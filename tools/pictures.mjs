// Takes the pictures of the README from a served demo, in both languages: docs/pictures/NAME.png and NAME.zh.png.
//   node tools/pictures.mjs URL        where `hetang demo --serve` serves; signs in as its owner
import fs from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'

const url = process.argv[2]
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..')
const folder = path.join(root, 'docs/pictures')
fs.mkdirSync(folder, { recursive: true })

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })

/** Nothing is on its way and nothing turns. */
async function rest(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.skeleton, .progress, .is-loading'))
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(800) // charts draw themselves
}

/** Whoever bought for most: there is something to see. */
const best = async (page) => {
  await page.goto('/customers?sort=amount')
  await rest(page)
  return page.locator('main a[href^="/customers/"]').first().getAttribute('href')
}
/** A funnel with a step that many leave, by the steps of the demo's shop. */
const funnel = { steps: ['浏览商品', '加入购物车', '提交结算', 'order.paid'].map((event) => ({ event })), window: '1d', range: '90d' }
/** The first of the demo's segments. */
const segment = async (page) => {
  await page.goto('/segments')
  await rest(page)
  await page.locator('main table tbody tr, main [role=row]').nth(1).click()
  await page.waitForURL(/segments\/\d/)
  return page.url()
}
const pages = { dashboard: '/dashboard?period=month', customers: '/customers?sort=amount', customer: best, rfm: '/rfm', segment, funnel: `/funnel?q=${encodeURIComponent(JSON.stringify(funnel))}`, paths: '/paths' }

for (const language of ['en', 'zh']) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', baseURL: url,
    locale: language === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai',
  })
  await context.addInitScript((l) => localStorage.setItem('hetang.language', l), language)
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.getByLabel(/^(用户名|User name)$/).fill('owner')
  await page.getByLabel(/^(密码|Password)$/).fill('hetang-demo')
  await page.keyboard.press('Enter')
  await page.waitForURL((u) => !u.pathname.startsWith('/sign-in'))
  for (const [name, to] of Object.entries(pages)) {
    await page.goto(typeof to === 'string' ? to : await to(page))
    await rest(page)
    await page.screenshot({ path: path.join(folder, language === 'zh' ? `${name}.zh.png` : `${name}.png`), animations: 'disabled' })
  }
  await context.close()
}
await browser.close()
