// Makes the typed client of the API (web/api/client.mjs and .d.mts) from the contract.
//   node tools/client.mjs docs/reference/openapi.json web/api
import fs from 'node:fs'
import path from 'node:path'

const [contractFile, folder] = process.argv.slice(2)
const contract = JSON.parse(fs.readFileSync(contractFile, 'utf8'))
const operations = []
for (const [route, methods] of Object.entries(contract.paths))
  for (const [method, op] of Object.entries(methods)) operations.push({ route, method: method.toUpperCase(), ...op })

const camel = (s) => s.replace(/[_-](\w)/g, (_, c) => c.toUpperCase())
const pascal = (s) => camel(s.replace(/\./g, '_')).replace(/^\w/, (c) => c.toUpperCase())

function typeOf(schema) {
  if (!schema) return 'unknown'
  if (schema.$ref) return pascal(schema.$ref.split('/').pop())
  if (schema.allOf) return typeOf(schema.allOf[0])
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ')
  const nullable = Array.isArray(schema.type) && schema.type.includes('null')
  const kind = Array.isArray(schema.type) ? schema.type[0] : schema.type
  let text
  if (schema.enum) text = schema.enum.filter((v) => v !== null).map((v) => JSON.stringify(v)).join(' | ')
  else if (kind === 'integer' || kind === 'number') text = 'number'
  else if (kind === 'boolean' || kind === 'string' || kind === 'null') text = kind
  else if (kind === 'array') text = `Array<${typeOf(schema.items)}>`
  else if (kind === 'object' && schema.properties) text = members(schema)
  else if (kind === 'object') text = 'Record<string, unknown>'
  else text = 'any'
  return nullable ? `${text} | null` : text
}

function members(schema, indent = '  ') {
  const required = new Set(schema.required ?? [])
  const lines = Object.entries(schema.properties ?? {}).map(([name, s]) => {
    const doc = s.description ? `${indent}/** ${s.description.replace(/\*\//g, '')} */\n` : ''
    return `${doc}${indent}${name}${required.has(name) ? '' : '?'}: ${typeOf(s)}`
  })
  return lines.length ? `{\n${lines.join('\n')}\n}` : 'Record<string, never>'
}

function inputOf(op) {
  const properties = {}
  const required = []
  for (const p of op.parameters ?? []) {
    properties[p.name] = p.schema
    if (p.required) required.push(p.name)
  }
  const body = op.requestBody?.content?.['application/json']?.schema
  if (body) {
    Object.assign(properties, body.properties)
    required.push(...(body.required ?? []))
  }
  return Object.keys(properties).length ? { properties, required } : null
}

const types = []
const groups = {}
const table = []
for (const [name, schema] of Object.entries(contract.components.schemas))
  types.push(`export interface ${pascal(name)} ${members(schema)}`)
for (const op of operations) {
  const [group, action] = op.operationId.split('.')
  const input = inputOf(op)
  const raw = !!op.requestBody?.content?.['application/octet-stream']
  const reply = op.responses['200']?.content?.['application/json']?.schema
  const inputType = `${pascal(op.operationId)}Input`
  if (input) types.push(`export interface ${inputType} ${members(input)}`)
  const optional = input && !input.required.length
  const argument = input ? `input${optional ? '?' : ''}: ${inputType}` : 'input?: undefined'
  const returns = reply ? typeOf(reply) : op.responses['200'] ? 'Response' : 'void'
  ;(groups[camel(group)] ??= []).push(
    `    /** ${op.summary} (${op['x-permission']}) */\n    ${camel(action)}(${argument}, options?: CallOptions): Promise<${returns}>`)
  const pathNames = (op.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name)
  const queryNames = (op.parameters ?? []).filter((p) => p.in === 'query').map((p) => p.name)
  table.push([camel(group), camel(action), op.method, op.route, pathNames, queryNames, raw ? 'raw' : reply ? 'json' : op.responses['200'] ? 'response' : 'none'])
}

const permissions = [...new Set(operations.map((op) => op['x-permission']))].filter((p) => p && !['public', 'signed_in'].includes(p)).sort()

const declarations = `// Made by tools/client.mjs from the contract.
${types.join('\n')}
/** What some route asks for. */
export type Permission = ${permissions.map((p) => JSON.stringify(p)).join(' | ') || 'never'}
export interface CallOptions {
  /** Sent as Idempotency-Key */
  key?: string
  /** The version last seen, sent as If-Match */
  version?: number
  /** Of routes that take bytes */
  body?: BodyInit
  signal?: AbortSignal
  headers?: Record<string, string>
}
/** What the server answered instead: \`problem\` is its words. */
export class ApiError extends Error {
  status: number
  problem: Problem
  constructor(status: number, problem: Problem)
}
export interface Transport {
  (url: string, init: RequestInit): Promise<Response>
}
export interface Client {
${Object.entries(groups).map(([g, rows]) => `  ${g}: {\n${rows.join('\n')}\n  }`).join('\n')}
}
export const operations: Array<{ group: string; action: string; method: string; path: string }>
export function createClient(transport: Transport): Client
`
const code = `// Made by tools/client.mjs from the contract.
const table = ${JSON.stringify(table)}
export const operations = table.map(([group, action, method, path]) => ({ group, action, method, path }))
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem?.title ?? String(status))
    this.status = status
    this.problem = problem
  }
}
const text = (v) => (Array.isArray(v) ? v.join(',') : typeof v === 'object' ? JSON.stringify(v) : String(v))
async function call(transport, [, , method, path, inPath, inQuery, kind], input = {}, options = {}) {
  const rest = { ...input }
  let url = path.replace(/\\{(\\w+)\\}/g, (_, name) => encodeURIComponent(text(rest[name])))
  for (const name of inPath) delete rest[name]
  const query = new URLSearchParams()
  for (const name of inQuery)
    if (rest[name] !== undefined && rest[name] !== null && rest[name] !== '') query.set(name, text(rest[name]))
  if ([...query].length) url += '?' + query
  const headers = { ...options.headers }
  if (options.key) headers['idempotency-key'] = options.key
  if (options.version) headers['if-match'] = \`"\${options.version}"\`
  const init = { method, headers, signal: options.signal }
  if (options.body !== undefined) init.body = options.body
  else if (method !== 'GET' && method !== 'DELETE') {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(rest)
  }
  const reply = await transport(url, init)
  if (!reply.ok) {
    let problem
    try {
      problem = await reply.json()
    } catch {
      problem = { status: reply.status, code: 'unreachable', title: reply.statusText || String(reply.status), request_id: '' }
    }
    throw new ApiError(reply.status, problem)
  }
  if (kind === 'response') return reply
  return reply.status === 204 ? undefined : reply.json()
}
export function createClient(transport) {
  const client = {}
  for (const row of table) (client[row[0]] ??= {})[row[1]] = (input, options) => call(transport, row, input, options)
  return client
}
`
fs.mkdirSync(folder, { recursive: true })
for (const [name, content] of [['client.mjs', code], ['client.d.mts', declarations]]) {
  const file = path.join(folder, name)
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== content) fs.writeFileSync(file, content)
}
