// Random changes of the tree, of people and of roles, against a model that knows nothing of paths or of what was written down.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { startServer, signIn, ask, problem, PASSWORD } from '../lib/server.mjs'
import { plant, hire } from '../lib/staff.mjs'

let server, owner
before(async () => {
  server = await startServer()
  owner = await signIn(server)
})
after(() => server.stop())

function random(seed) {
  let s = seed >>> 0
  const next = () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = s
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] }
}

const rows = (sql) => {
  const text = ask(server, sql)
  return text ? text.split('\n').map((line) => line.split('|')) : []
}

/** What people see by the rules as one would tell them. */
function seenBy(model, person) {
  const above = (id) => (id === null ? [] : [id, ...above(model.parent.get(id))])
  const seen = new Set()
  for (const [id] of model.parent)
    for (const role of person.roles.map((r) => model.roles.get(r))) {
      const chain = above(id)
      if (role.scope === 'department' && person.places.includes(id)) seen.add(id)
      if (role.scope === 'below' && person.places.some((p) => chain.includes(p))) seen.add(id)
      if (role.scope === 'chosen' && role.chosen.some((p) => chain.includes(p))) seen.add(id)
    }
  return person.roles.some((r) => model.roles.get(r).scope === 'all') ? 'all' : [...seen].sort((a, b) => a - b).join()
}

function compare(model, seed, step) {
  const where = `seed ${seed}, step ${step}`
  const all = rows(`SELECT 'path', id, path, 0 FROM department UNION ALL SELECT 'scope', staff_id, '', department_id FROM staff_scope
    UNION ALL SELECT 'all', id, '', 0 FROM staff WHERE scope = 0 ORDER BY 1, 4`)
  const of = (what) => all.filter(([w]) => w === what)
  const paths = of('path').map(([, id, path]) => [id, path])
  assert.equal(paths.length, model.parent.size, where)
  for (const [id, path] of paths) {
    const chain = []
    for (let at = Number(id); at !== null; at = model.parent.get(at)) chain.unshift(at)
    assert.equal(path, `/${chain.join('/')}/`, where)
  }
  const scopes = new Map()
  for (const [, staff, , department] of of('scope')) scopes.set(staff, [...(scopes.get(staff) ?? []), department])
  const everything = new Set(of('all').map(([, id]) => id))
  for (const [id, person] of model.people)
    assert.equal(everything.has(String(id)) ? 'all' : (scopes.get(String(id)) ?? []).join(), seenBy(model, person), `${where}, person ${id}`)
}

async function run(seed, steps) {
  const r = random(seed)
  const root = Number(rows('SELECT id FROM department WHERE parent_id IS NULL')[0][0])
  const model = { parent: new Map([[root, null]]), kind: new Map([[root, 'head']]), roles: new Map(), people: new Map() }
  const departments = () => [...model.parent.keys()]
  const someOf = (list, most) => [...new Set(Array.from({ length: r.below(most + 1) }, () => r.pick(list)))]
  for (const [id, parent, kind] of rows('SELECT id, parent_id, kind FROM department ORDER BY id')) {
    model.parent.set(Number(id), parent ? Number(parent) : null)
    model.kind.set(Number(id), kind)
  }
  const newRole = () => {
    const scope = r.pick(['self', 'department', 'below', 'chosen', 'chosen', 'all'])
    const chosen = scope === 'chosen' ? [...new Set([r.pick(departments()), ...someOf(departments(), 2)])] : []
    return { scope, chosen }
  }
  const moves = {
    async create() {
      const parent = r.pick(departments())
      const kind = ['head', 'region'].includes(model.kind.get(parent)) ? r.pick(['region', 'region', 'store', 'team']) : 'team'
      const made = await owner.department.create({ parent_id: parent, kind, name: `d${model.parent.size}` }).catch((e) => e)
      if (!made.id) return assert.equal(made.problem.field, 'parent_id') // too deep
      model.parent.set(made.id, parent)
      model.kind.set(made.id, kind)
    },
    async move() {
      const [id, parent] = [r.pick(departments()), r.pick(departments())]
      const done = await owner.department.move({ id, parent_id: parent }).catch((e) => e)
      if (done.id) model.parent.set(id, parent)
      else assert.ok([409, 422].includes(done.status), JSON.stringify(done.problem))
    },
    async remove() {
      const id = r.pick(departments())
      const done = await owner.department.delete({ id }).catch((e) => e)
      const free = id !== root && ![...model.parent.values()].includes(id) && ![...model.people.values()].some((p) => p.places.includes(id)) &&
        ![...model.roles.values()].some((x) => x.chosen.includes(id))
      assert.equal(done === undefined, free, `removing ${id}`)
      if (free) model.parent.delete(id)
    },
    async role() {
      const role = newRole()
      const made = await owner.role.create({ name: `角色 ${seed} ${model.roles.size}`, scope: role.scope, department_ids: role.chosen, permissions: ['customer.read'] })
      model.roles.set(made.id, role)
    },
    async roleChange() {
      if (!model.roles.size) return
      const id = r.pick([...model.roles.keys()])
      const role = newRole()
      await owner.role.change({ id, scope: role.scope, department_ids: role.chosen })
      model.roles.set(id, role)
    },
    async hire() {
      if (model.people.size >= 8) return
      const places = [r.pick(departments()), ...someOf(departments(), 2)]
      const roles = model.roles.size ? someOf([...model.roles.keys()], 2) : []
      const made = await owner.staff.create({
        login: `p${seed}.${model.people.size}`, name: 'p', password: PASSWORD, department_id: places[0], other_department_ids: places.slice(1), role_ids: roles,
      })
      model.people.set(made.id, { places, roles })
    },
    async change() {
      if (!model.people.size) return
      const id = r.pick([...model.people.keys()])
      const person = model.people.get(id)
      if (r.below(2) && model.roles.size) {
        person.roles = someOf([...model.roles.keys()], 3)
        await owner.staff.change({ id, role_ids: person.roles })
      } else {
        person.places = [r.pick(departments()), ...someOf(departments(), 2)]
        await owner.staff.change({ id, department_id: person.places[0], other_department_ids: person.places.slice(1) })
      }
    },
  }
  const weights = ['create', 'create', 'create', 'move', 'move', 'move', 'remove', 'role', 'roleChange', 'hire', 'hire', 'change', 'change']
  for (let step = 1; step <= steps; step++) {
    const name = r.pick(weights)
    try {
      await moves[name]()
      compare(model, seed, step)
    } catch (e) {
      e.message = `seed ${seed}, step ${step} (${name}): ${e.message}`
      throw e
    }
  }
}

const seed = Number(process.env.SEED ?? 20260302)
test(`the tree, scopes and the model agree (SEED=${seed})`, () => run(seed, 160))

test('moves that would make a circle together: not both', async () => {
  const at = await plant(owner, { a: ['region', 'root'], b: ['region', 'root'], c: ['region', 'a'], d: ['region', 'b'] })
  for (let i = 0; i < 5; i++) {
    const results = await Promise.allSettled([
      owner.department.move({ id: at.a, parent_id: at.d }), owner.department.move({ id: at.b, parent_id: at.c }),
    ])
    assert.equal(results.filter((x) => x.status === 'fulfilled').length, 1)
    const broken = rows(`SELECT d.id FROM department d LEFT JOIN department p ON p.id = d.parent_id
      WHERE d.path <> coalesce(p.path, '/') || d.id || '/'`)
    assert.deepEqual(broken, [])
    await owner.department.move({ id: at.a, parent_id: at.root })
    await owner.department.move({ id: at.b, parent_id: at.root })
  }
})

test('one name for two at once: one has it', async () => {
  const at = await plant(owner, { e: ['store', 'root'] })
  const results = await Promise.allSettled(Array.from({ length: 6 }, (_, i) => owner.staff.create({ login: 'wanted', name: `n${i}`, password: PASSWORD, department_id: at.e })))
  assert.equal(results.filter((x) => x.status === 'fulfilled').length, 1)
  for (const x of results.filter((y) => y.status === 'rejected')) assert.equal(x.reason.problem.code, 'taken')
  const bo = await hire(server, owner, { login: 'bo', department: at.e })
  assert.equal((await problem(owner.staff.change({ id: bo.id, login: 'wanted' }))).code, 'taken')
})
