// Departments and people of a test.
import { signIn, all, PASSWORD } from './server.mjs'

/** The root, and a tree below it from { name: [kind, parent, …] }; answers ids by name, the root as `root`. */
export async function plant(owner, tree) {
  const ids = { root: (await owner.department.list({ limit: 1 })).items[0].id }
  for (const [name, [kind, parent]] of Object.entries(tree))
    ids[name] = (await owner.department.create({ parent_id: ids[parent], kind, name })).id
  return ids
}

/** Ids of roles by key or name. */
export async function rolesByKey(owner) {
  return Object.fromEntries((await all(owner.role.list)).map((r) => [r.key ?? r.name, r.id]))
}

/** A new member of staff, who has chosen a password and is signed in; `.id` is theirs. */
export async function hire(server, owner, { login, department, others = [], roles = [], mobile }, options) {
  const keys = await rolesByKey(owner)
  const made = await owner.staff.create({
    login, name: login, department_id: department, other_department_ids: others, mobile,
    role_ids: roles.map((r) => (typeof r === 'number' ? r : keys[r])),
  })
  const client = await signIn(server, login, made.first_password, options)
  await client.account.changePassword({ old_password: made.first_password, new_password: PASSWORD })
  client.id = made.id
  return client
}
