// What is shipped beside the binary fits it.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root, binary, hetang, tempFolder, startServer } from '../lib/server.mjs'

const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

test('the image has the library packages the binary asks for, and no others', () => {
  const needed = spawnSync('readelf', ['-d', binary], { encoding: 'utf8' }).stdout
  const files = [...needed.matchAll(/NEEDED.*\[(.*)\]/g)].map((m) => m[1]).filter((f) => !/^lib(asan|ubsan|c|m|gcc_s)\.so|^ld-linux/.test(f))
  assert.ok(files.length > 8, needed)
  const where = spawnSync('ldd', [binary], { encoding: 'utf8' }).stdout
  const owner = (file) => {
    const at = new RegExp(`${file.replace(/[.+]/g, '\\$&')} => (\\S+)`).exec(where)[1]
    for (const p of [at, fs.realpathSync(at), at.replace(/^\/lib/, '/usr/lib'), `/usr${fs.realpathSync(at)}`.replace('/usr/usr', '/usr'), fs.realpathSync(at).replace(/^\/usr/, '')]) {
      const r = spawnSync('dpkg-query', ['-S', p], { encoding: 'utf8' })
      if (r.status === 0) return r.stdout.split(':')[0]
    }
    throw new Error(`no package has ${at}`)
  }
  const want = new Set(files.map(owner))
  const listed = new Set([...read('Dockerfile').matchAll(/\b(?:lib[a-z0-9.-]+|zlib1g)\b/g)].map((m) => m[0]).filter((n) => !n.startsWith('lib/')))
  assert.deepEqual([...listed].sort(), [...want].sort())
})

test('commands in the units and the image are good ones', () => {
  const lines = [...read('packaging/hetang.service').matchAll(/^ExecStart=(.*)$/gm), ...read('packaging/hetang-backup.service').matchAll(/^ExecStart=(.*)$/gm)].map((m) => m[1].split(' '))
  assert.equal(lines.length, 2)
  for (const [program, command, ...args] of lines) {
    assert.equal(program, '/usr/bin/hetang')
    const known = JSON.parse(hetang(['help', command, '--json']).out).options.map((o) => o.name).concat('data')
    for (const a of args.filter((x) => x.startsWith('--'))) assert.ok(known.includes(a.slice(2)), a)
  }
  for (const name of ['DATA', 'LISTEN']) assert.match(read('Dockerfile'), new RegExp(`HETANG_${name}=`))
})

test('systemd takes the units and finds little exposed', { skip: !has('systemd-analyze') && 'there is no systemd-analyze here' }, () => {
  const folder = tempFolder()
  for (const unit of ['hetang.service', 'hetang-backup.service']) {
    const file = path.join(folder, unit)
    fs.writeFileSync(file, read(`packaging/${unit}`).replaceAll('/usr/bin/hetang', binary))
    const r = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
    const ours = (r.stdout + r.stderr).split('\n').filter((l) => l.includes(unit))
    assert.deepEqual(ours, [])
    const s = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=45', file], { encoding: 'utf8' })
    assert.equal(s.status, 0, s.stdout + s.stderr)
  }
})

test('the image\'s look at its health', async () => {
  const server = await startServer({ db: [] })
  const script = /"bash", "-c", \\\n\s*("(?:[^"\\]|\\.)*")/.exec(read('Dockerfile'))[1]
  const check = (port) => spawnSync('bash', ['-c', JSON.parse(script).replace('8080', String(port))]).status
  assert.equal(check(server.port), 0)
  await server.stop()
  assert.notEqual(check(server.port), 0)
})
