import type { EndUserFilter, EndUserPosition, EndUserSort, EndUserState } from './end-user-filter.js'

/** Values of one statement, and the names they have in it. */
export class Values {
  readonly list: unknown[] = []

  add(value: unknown): string {
    this.list.push(value)
    return `$${this.list.length}`
  }
}

/** True of every row; the condition of an index that lookups by id must not take (docs/decisions.md). */
const EVERYBODY = `u.created_at > '-infinity'`
const NEVER = `'-infinity'::timestamptz`
const SIGNED_IN = 'u.sign_in_order'
// Greater than every continuation of a beginning, in byte order.
const LAST = '\u{10FFFF}'

const PASSKEYS = 'select 1 from auth.webauthn_credential c where c.project_id = u.project_id and c.end_user_id = u.id'
const FACTORS = 'select 1 from auth.factor f where f.project_id = u.project_id and f.end_user_id = u.id and f.activated_at is not null'

const STATES: Record<EndUserState, string> = {
  confirmed: 'u.email_verified_at is not null',
  unconfirmed: 'u.email_verified_at is null',
  enabled: 'u.disabled_at is null',
  disabled: 'u.disabled_at is not null',
  // As a sign-in asks for it: a passkey is a second factor too.
  mfa: `(exists (${FACTORS}) or exists (${PASSKEYS}))`,
  never_signed_in: 'u.last_sign_in_at is null',
}

/** The same, as an index has it. */
const NEVER_SIGNED_IN = `${SIGNED_IN} = ${NEVER}`

/** The column that a list is ordered by, and what a row's position is made of. */
export const SORT_KEYS: Record<EndUserSort['by'], { column: string; position: string; holds: string }> = {
  createdAt: { column: 'u.created_at', position: microseconds('u.created_at'), holds: EVERYBODY },
  email: { column: 'u.email', position: 'u.email', holds: `u.email <> ''` },
  lastSignInAt: { column: SIGNED_IN, position: microseconds('u.last_sign_in_at'), holds: EVERYBODY },
}

// Exact, where the instant of a driver would lose the microseconds that rows from elsewhere have.
function microseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint::text`
}

const instantAt = (value: string) => `(timestamptz 'epoch' + ${value}::bigint * interval '1 microsecond')`

/** Everything that the filter asks for, as conditions on `auth.end_user u`. */
export function conditionsOf(filter: EndUserFilter, values: Values): string[] {
  const held: string[] = []
  if (filter.id !== undefined) held.push(`u.id = ${values.add(filter.id)}`)
  if (filter.email !== undefined) held.push(`u.email = ${values.add(filter.email)} and u.email <> ''`)
  if (filter.beginnings) held.push(`(${beginningConditions(filter.beginnings, values).join(' or ')})`)
  if (filter.domain !== undefined) held.push(`u.email_domain = ${values.add(filter.domain)}`)
  if (filter.way !== undefined) held.push(wayCondition(filter.way, values))
  held.push(...filter.states.map((state) => STATES[state]))
  if (filter.createdFrom) held.push(`u.created_at >= ${values.add(filter.createdFrom)}`)
  if (filter.createdBefore) held.push(`u.created_at < ${values.add(filter.createdBefore)}`)
  if (filter.lastSignInFrom) held.push(`u.last_sign_in_at >= ${values.add(filter.lastSignInFrom)}`)
  if (filter.lastSignInBefore) held.push(`u.last_sign_in_at < ${values.add(filter.lastSignInBefore)}`)
  return held
}

function beginningConditions({ addresses, domains }: NonNullable<EndUserFilter['beginnings']>, values: Values): string[] {
  const begins = (column: string, holds: string) => (text: string) =>
    `(${column} >= ${values.add(text)} and ${column} < ${values.add(text + LAST)} and ${holds})`
  return [...addresses.map(begins('u.email', `u.email <> ''`)), ...domains.map(begins('u.email_domain', EVERYBODY))]
}

function wayCondition(way: string, values: Values): string {
  if (way === 'password') return 'u.password_hash is not null'
  if (way === 'passkey') return `exists (${PASSKEYS})`
  return `exists (select 1 from auth.identity i where i.project_id = u.project_id and i.end_user_id = u.id and i.provider = ${values.add(way)})`
}

const PEOPLE = 'select u.id from auth.end_user u where u.project_id = auth.current_project_id() and'
const PASSKEY_HOLDERS = 'select c.end_user_id as id from auth.webauthn_credential c where c.project_id = auth.current_project_id()'
const IDENTITY_HOLDERS = 'select i.end_user_id as id from auth.identity i where i.project_id = auth.current_project_id()'
const FACTOR_HOLDERS = `select f.end_user_id as id from auth.factor f where f.project_id = auth.current_project_id() and f.activated_at is not null`

/** The ids of a set of people, perhaps with repetitions. */
export type Source = (values: Values) => string

/**
 * Sets of ids, each read along one index, within which everybody is who meets the filter: the narrowest ones first. The last is the whole
 * project.
 */
export function sourcesOf(filter: EndUserFilter): Source[] {
  const { id, email, beginnings, domain, way, states, createdFrom, createdBefore, lastSignInFrom, lastSignInBefore } = filter
  const sources: Source[] = []
  if (id !== undefined) sources.push((values) => `select ${values.add(id)}::uuid as id`)
  if (email !== undefined) sources.push((values) => `${PEOPLE} u.email = ${values.add(email)} and u.email <> ''`)
  if (beginnings)
    sources.push((values) =>
      beginningConditions(beginnings, values)
        .map((begins) => `(${PEOPLE} ${begins})`)
        .join(' union all '),
    )
  if (domain !== undefined) sources.push((values) => `${PEOPLE} u.email_domain = ${values.add(domain)} and ${EVERYBODY}`)
  if (way === 'passkey') sources.push(() => PASSKEY_HOLDERS)
  else if (way !== undefined && way !== 'password') sources.push((values) => `${IDENTITY_HOLDERS} and i.provider = ${values.add(way)}`)
  if (states.includes('disabled')) sources.push(() => `${PEOPLE} ${STATES.disabled}`)
  if (states.includes('mfa')) sources.push(() => `${FACTOR_HOLDERS} union all ${PASSKEY_HOLDERS}`)
  if (states.includes('unconfirmed')) sources.push(() => `${PEOPLE} ${STATES.unconfirmed}`)
  if (states.includes('never_signed_in')) sources.push(() => `${PEOPLE} ${NEVER_SIGNED_IN} and ${EVERYBODY}`)
  if (createdFrom ?? createdBefore) {
    sources.push((values) => `${PEOPLE} ${rangeOf('u.created_at', createdFrom, createdBefore, values)} and ${EVERYBODY}`)
  }
  if (lastSignInFrom ?? lastSignInBefore) {
    sources.push((values) => `${PEOPLE} ${signInRange(filter, values)} and ${EVERYBODY}`)
  }
  return [...sources, () => `${PEOPLE} ${EVERYBODY}`]
}

function signInRange({ lastSignInFrom, lastSignInBefore }: EndUserFilter, values: Values): string {
  return `${rangeOf(SIGNED_IN, lastSignInFrom, lastSignInBefore, values)} and ${SIGNED_IN} > ${NEVER}`
}

function rangeOf(column: string, from: Date | undefined, before: Date | undefined, values: Values): string {
  return [from && `${column} >= ${values.add(from)}`, before && `${column} < ${values.add(before)}`].filter(Boolean).join(' and ')
}

/**
 * The one condition that a walk along an index may hold inside, so that what it skips is skipped by the index: the beginning of an address
 * in order of addresses, and in order of creation the columns that stand before the instant in an index.
 */
export function walkConditions(filter: EndUserFilter, sort: EndUserSort, values: Values): string[] {
  const held = [SORT_KEYS[sort.by].holds]
  if (sort.by === 'email' && filter.beginnings?.addresses.length === 1 && filter.beginnings.domains.length === 0) {
    held.push(...beginningConditions(filter.beginnings, values))
  }
  if (sort.by === 'lastSignInAt') {
    if (filter.lastSignInFrom ?? filter.lastSignInBefore) held.push(signInRange(filter, values))
    if (filter.states.includes('never_signed_in')) held.push(NEVER_SIGNED_IN)
  }
  if (sort.by !== 'createdAt') return held
  if (filter.domain !== undefined) held.push(`u.email_domain = ${values.add(filter.domain)}`)
  else if (filter.states.includes('disabled')) held.push(STATES.disabled)
  else if (filter.states.includes('unconfirmed')) held.push(STATES.unconfirmed)
  const range = rangeOf('u.created_at', filter.createdFrom, filter.createdBefore, values)
  return range === '' ? held : [...held, range]
}

/** What comes after the position, in the order of the list. */
export function afterCondition(sort: EndUserSort, position: EndUserPosition, values: Values): string {
  const than = sort.descending ? '<' : '>'
  const { column } = SORT_KEYS[sort.by]
  // An address is of one person.
  if (sort.by === 'email') return `u.email ${than} ${values.add(position.key)}`
  const at = position.key === null ? NEVER : instantAt(values.add(position.key))
  return `(${column}, u.id) ${than} (${at}, ${values.add(position.id)}::uuid)`
}

export function orderOf(sort: EndUserSort): string {
  const direction = sort.descending ? 'desc' : 'asc'
  return sort.by === 'email' ? `u.email ${direction}` : `${SORT_KEYS[sort.by].column} ${direction}, u.id ${direction}`
}
