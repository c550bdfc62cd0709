// Was every route of the contract answered by some test?   node tools/routes-exercised.mjs FOLDER
import fs from 'node:fs'
const folder = process.argv[2]
const seen = new Set(fs.readdirSync(folder).flatMap((f) => fs.readFileSync(`${folder}/${f}`, 'utf8').split('\n')))
const contract = JSON.parse(fs.readFileSync('docs/reference/openapi.json', 'utf8'))
const all = Object.values(contract.paths).flatMap((methods) => Object.values(methods).map((op) => op.operationId))
const missing = all.filter((id) => !seen.has(id))
if (missing.length) {
  console.log(`${missing.length} of ${all.length} routes were never called by a test:\n${missing.join('\n')}`)
  process.exit(1)
}
