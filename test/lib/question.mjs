// The published schema of questions (`hetang engine schema`), as what says whether one fits it.
import fs from 'node:fs'
import path from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import { root } from './server.mjs'

const schema = JSON.parse(fs.readFileSync(path.join(root, 'src/domain/insight/question.schema.json'), 'utf8'))
const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: false })

/** (question) → boolean; what is wrong stands in its `errors`. */
export const fits = ajv.compile(schema)
/** The same of conditions on people alone. */
export const fitsPeople = ajv.compile({ $schema: schema.$schema, $ref: '#/$defs/people', $defs: schema.$defs })
