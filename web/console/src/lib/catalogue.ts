/* The things a customer's data points at by number or key: tags, stages, departments, staff, custom attributes, segments. A page that shows
 * customers or conditions asks for them once; they are fetched again when a page is opened and they are older than a minute.
 *
 *   const book = useCatalogue()          book.state, book.tag(id), book.stage(id) …
 *
 * Tags, stages, attributes and identifiers are for those who may see customers, departments and staff for those who may see the
 * organisation, segments for those who may see analyses; others are shown a list without them. */
import type { Attribute, Department, IdentityKindRow, Segment, Stage, Staff, Tag, TagGroup } from '@api/client.mjs'
import { computed, reactive } from 'vue'
import { api } from '@/api'
import { explain, type Trouble } from '@/api/problem'
import { may, session } from '@/app/session'
import { language } from '@/i18n'
import { everything } from './all'

const FRESH_MS = 60_000
const DEPARTMENTS_A_PAGE = 2000

export interface Catalogue {
  stages: Stage[]
  attributes: Attribute[]
  groups: TagGroup[]
  tags: Tag[]
  departments: Department[]
  staff: Staff[]
  kinds: IdentityKindRow[]
  segments: Segment[]
}
const nothing = (): Catalogue => ({ stages: [], attributes: [], groups: [], tags: [], departments: [], staff: [], kinds: [], segments: [] })

const kept = reactive({ all: nothing(), state: 'loading' as 'loading' | 'ready' | 'failed', trouble: null as Trouble | null })
let at = 0
let whose: number | null = null
let under: Promise<void> | null = null

const bySort = <T extends { sort: number; id: number }>(list: T[]): T[] => list.sort((a, b) => a.sort - b.sort || a.id - b.id)

/** Each part as soon as it is there: stages and tags come with the number of their people, which takes its time among a million. */
async function fetchAll(into: Catalogue): Promise<void> {
  const org = may('org.read')
  const customers = may('customer.read')
  await Promise.all([
    customers && api.stage.list().then((r) => (into.stages = bySort(r.items))),
    customers && api.attribute.list().then((r) => (into.attributes = bySort(r.items))),
    customers && everything((page) => api.tagGroup.list(page)).then((all) => (into.groups = bySort(all))),
    customers && everything((page) => api.tag.list(page)).then((all) => (into.tags = bySort(all))),
    org && everything((page) => api.department.list(page), DEPARTMENTS_A_PAGE).then((all) => (into.departments = all)),
    org && everything((page) => api.staff.list(page)).then((all) => (into.staff = all)),
    customers && api.identityKind.list().then((r) => (into.kinds = r.items)),
    may('insight.read') && everything((page) => api.segment.list(page)).then((all) => (into.segments = all)),
  ])
}

/** Fetches what is old; `force` after a change made here. */
export function loadCatalogue(force = false): Promise<void> {
  const me = session.me?.staff_id ?? null
  if (me !== whose) {
    kept.all = nothing()
    kept.state = 'loading'
    at = 0
    whose = me
  }
  if (!force && (Date.now() - at < FRESH_MS || under)) return under ?? Promise.resolve()
  const mine = fetchInto()
  under = mine
  return mine
}

/** An answer that another has overtaken is dropped. */
let asked = 0
async function fetchInto(): Promise<void> {
  const turn = ++asked
  try {
    const all = kept.state === 'ready' ? nothing() : kept.all // what is shown is replaced at once, not part by part
    await fetchAll(all)
    if (turn !== asked) return
    kept.all = all
    kept.state = 'ready'
    kept.trouble = null
    at = Date.now()
  } catch (e) {
    if (turn !== asked) return
    kept.trouble = explain(e)
    if (kept.state !== 'ready') kept.state = 'failed'
  } finally {
    if (turn === asked) under = null
  }
}

const indexed = <T extends { id: number }>(list: () => T[]) => {
  const map = computed(() => new Map(list().map((x) => [x.id, x])))
  return (id: number | null | undefined): T | undefined => (id == null ? undefined : map.value.get(id))
}

const tag = indexed(() => kept.all.tags)
const group = indexed(() => kept.all.groups)
const stage = indexed(() => kept.all.stages)
const department = indexed(() => kept.all.departments)
const segment = indexed(() => kept.all.segments)
const staffMember = indexed(() => kept.all.staff)
const inLanguage = (x: { name: string; name_en: string | null }): string => (language.value === 'en' && x.name_en) || x.name

/** The same for everybody on the page. */
const book = reactive({
  state: computed(() => kept.state),
  trouble: computed(() => kept.trouble),
  all: computed(() => kept.all),
  tag, group, stage, department, segment,
  staff: staffMember,
  /** The colour a tag is shown in */
  colorOf: (tagId: number): string => group(tag(tagId)?.group_id)?.color ?? '#5f6b66',
  stageName: (id: number | null | undefined): string => { const s = stage(id); return s ? inLanguage(s) : '' },
  nameOf: inLanguage,
  reload: () => loadCatalogue(true),
})

export function useCatalogue(): typeof book {
  void loadCatalogue()
  return book
}
