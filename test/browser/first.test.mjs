// The first minute of a new instance: the first password, and nothing before it was changed.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { look, picture, signInByHand, startBrowser, watch, DESK } from '../lib/browser.mjs'
import { eventually, hetang, startServer, tempFolder } from '../lib/server.mjs'

test('signed in with the first password, a person chooses another before anything else', async () => {
  const data = tempFolder()
  assert.equal(hetang(['init', '--data', data, '--password', 'the very first one']).code, 0)
  const server = await startServer({ data })
  const browser = await startBrowser()
  const wrong = []
  const context = await browser.newContext({ viewport: DESK, baseURL: server.url, reducedMotion: 'reduce' })
  const page = watch(await context.newPage(), wrong)
  const at = (path) => eventually(() => new URL(page.url()).pathname === path, path)
  await page.goto('/tags')
  await signInByHand(page, 'owner', 'the very first one')
  await at('/first-password')
  await page.getByRole('heading', { name: '设置您自己的密码' }).waitFor()
  await look(page)
  await picture(page, 'first-password-zh-light')
  await page.goto('/account')
  await at('/first-password')
  await page.getByLabel('当前密码').fill('the very first one')
  await page.getByLabel('新密码', { exact: true }).fill('the very first one')
  await page.getByLabel('再输一次新密码').fill('the very first one')
  await page.keyboard.press('Enter')
  await page.getByText('不能与当前密码相同').waitFor()
  await page.getByLabel('新密码', { exact: true }).fill('a secret of my own')
  await page.getByLabel('再输一次新密码').fill('a secret of my own')
  await page.keyboard.press('Enter')
  await at('/account')
  await page.getByText('密码已设置').waitFor()
  await context.clearCookies()
  await page.evaluate(() => localStorage.clear())
  await page.goto('/')
  await signInByHand(page, 'owner', 'a secret of my own')
  await at('/dashboard')
  await context.close()
  await browser.close()
  await server.stop()
  assert.deepEqual(wrong, [])
})
