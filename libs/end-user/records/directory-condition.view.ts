import type { Condition, Comparison } from '@portico/scim/filter'
import type { Place } from '@portico/scim/attribute-path'
import { isEmailKey } from './directory-user.js'

/** An expression of SQL; `kind` says how it compares. */
interface Column {
  text: string
  kind: 'text' | 'uuid' | 'instant' | 'boolean' | 'number'
}

/** What of a resource is in columns of its own, by attribute; the rest is in `d.attributes`. */
export interface Columns {
  [attribute: string]: Column
}

export const USER_COLUMNS: Columns = {
  id: { text: 'd.end_user_id', kind: 'uuid' },
  userName: { text: 'd.user_name', kind: 'text' },
  externalId: { text: 'd.external_id', kind: 'text' },
  active: { text: 'd.active', kind: 'boolean' },
  'meta.created': { text: 'd.created_at', kind: 'instant' },
  'meta.lastModified': { text: 'd.updated_at', kind: 'instant' },
}

export const GROUP_COLUMNS: Columns = {
  id: { text: 'd.id', kind: 'uuid' },
  displayName: { text: 'd.display_name', kind: 'text' },
  externalId: { text: 'd.external_id', kind: 'text' },
  'meta.created': { text: 'd.created_at', kind: 'instant' },
  'meta.lastModified': { text: 'd.updated_at', kind: 'instant' },
}

const MEMBERS = `select 1 from auth.directory_group_member e
  where e.project_id = auth.current_project_id() and e.group_id = d.id`
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const KEYS: Readonly<Record<string, string>> = { 'd.user_name': 'd.user_name_key', 'd.display_name': 'd.display_name_key' }
const SIGNS: Partial<Record<Comparison, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' }

/**
 * A condition of a filter as SQL. Nothing that was sent stands in the text: names are those of the schema and are parameters even so, as
 * are all values.
 */
export class ConditionSql {
  constructor(
    private readonly columns: Columns,
    readonly values: unknown[],
  ) {}

  of(condition: Condition): string {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return `(${condition.parts.map((part) => this.of(part)).join(` ${condition.kind} `)})`
      case 'not':
        return `(not ${this.of(condition.part)})`
      case 'never':
        return 'false'
      case 'present':
        return this.#present(condition.place)
      case 'some':
        return this.#some(condition.place, condition.part)
      case 'compare':
        return this.#compare(condition.op, this.#column(condition.place), condition.value, exactOf(condition.place))
    }
  }

  /** What to sort by. */
  order(place: Place): string {
    const { text, kind } = this.#column(place)
    return kind === 'text' && !exactOf(place) ? `lower(${text})` : text
  }

  /** `name = $n`, or what stands for a parameter. */
  param(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  #column({ extension, attribute, sub }: Place): Column {
    const own = extension === null ? this.columns[sub ? `${attribute.name}.${sub.name}` : attribute.name] : undefined
    if (own) return own
    const root = extension === null ? ['core'] : ['extensions', extension]
    // Of a list the first value: for sorting.
    const path = [...root, attribute.name, ...(attribute.multiValued ? ['0'] : []), ...(sub ? [sub.name] : [])]
    return typed(`(d.attributes #>> ${this.param(path)}::text[])`, (sub ?? attribute).type)
  }

  #json({ extension, attribute, sub }: Place): string {
    const path = [...(extension === null ? ['core'] : ['extensions', extension]), attribute.name, ...(sub ? [sub.name] : [])]
    return `(d.attributes #> ${this.param(path)}::text[])`
  }

  #present(place: Place): string {
    const { attribute, extension, sub } = place
    if (attribute.name === 'members' && extension === null) return `exists (${MEMBERS})`
    const own = extension === null ? this.columns[sub ? `${attribute.name}.${sub.name}` : attribute.name] : undefined
    if (own) return own.kind === 'text' ? `(coalesce(${own.text}, '') <> '')` : `(${own.text} is not null)`
    return `(coalesce(${this.#json(place)}, 'null'::jsonb) not in ('null', '""', '[]', '{}'))`
  }

  #some(place: Place, part: Condition): string {
    if (place.attribute.name === 'members' && place.extension === null) {
      return `exists (${MEMBERS} and ${this.#ofElement(part, (name) => (name === 'value' ? 'e.end_user_id::text' : `'User'`))})`
    }
    const address = this.columns === USER_COLUMNS && place.attribute.name === 'emails' && place.extension === null ? addressIn(part) : null
    if (address !== null && part.kind === 'compare') return this.#hasAddress(address)
    const found = address === null ? '' : `${this.#hasAddress(address)} and `
    const list = this.#json(place)
    const simple = place.attribute.type !== 'complex'
    const element = (name: string) => (simple ? `(e.value #>> '{}')` : `(e.value ->> ${this.param(name)}::text)`)
    const elements = `jsonb_array_elements(case jsonb_typeof(${list}) when 'array' then ${list} else '[]' end)`
    return `(${found}exists (select 1 from ${elements} e (value) where ${this.#ofElement(part, element)}))`
  }

  /** From an index: identity providers that match by address ask so for each person of their own. The first value is the directory. */
  #hasAddress(address: string): string {
    return `(d.end_user_id in (select m.end_user_id from auth.directory_user_email m where m.project_id = auth.current_project_id()
      and m.directory_id = $1 and m.email_key = ${this.param(address.toLowerCase())}::text))`
  }

  #ofElement(condition: Condition, element: (name: string) => string): string {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return `(${condition.parts.map((part) => this.#ofElement(part, element)).join(` ${condition.kind} `)})`
      case 'not':
        return `(not ${this.#ofElement(condition.part, element)})`
      case 'present':
        return `(coalesce(${element(condition.place.attribute.name)}, '') <> '')`
      case 'compare': {
        const { attribute } = condition.place
        const column = typed(element(attribute.name), attribute.type)
        // A value that does not say whether it is the preferred one is not.
        const said = column.kind === 'boolean' ? { ...column, text: `coalesce(${column.text}, false)` } : column
        return this.#compare(condition.op, said, condition.value, attribute.caseExact)
      }
      default:
        return 'false'
    }
  }

  #compare(op: Comparison, { text, kind }: Column, value: string | number | boolean, exact: boolean): string {
    if (kind === 'uuid') {
      if (op === 'eq' || op === 'ne') {
        if (typeof value !== 'string' || !UUID.test(value)) return op === 'eq' ? 'false' : 'true'
        return `(${text} ${op === 'eq' ? '=' : '<>'} ${this.param(value)}::uuid)`
      }
      return this.#compareText(op, `${text}::text`, String(value), true)
    }
    if (kind === 'text' && typeof value === 'string') return this.#compareText(op, text, value, exact)
    const type = kind === 'instant' ? 'timestamptz' : kind === 'boolean' ? 'boolean' : 'numeric'
    const given = `${this.param(value)}::${type}`
    if (op === 'ne') return `(${text} is distinct from ${given})`
    return `coalesce(${text} ${SIGNS[op] ?? '='} ${given}, false)`
  }

  #compareText(op: Comparison, text: string, value: string, exact: boolean): string {
    // The one form that has an index; it is how every identity provider looks somebody up.
    const key = op === 'eq' ? KEYS[text] : undefined
    if (key !== undefined) return `(${key} = ${this.param(value.toLowerCase())}::text)`
    // Both sides by the same function: what `lower` leaves alone depends on the database.
    const here = exact ? text : `lower(${text})`
    const there = exact ? `${this.param(value)}::text` : `lower(${this.param(value)}::text)`
    switch (op) {
      case 'eq':
        // Not `coalesce`, which no index serves: identity providers look people up by their externalId too.
        return `(${here} is not null and ${here} = ${there})`
      case 'ne':
        return `(${here} is distinct from ${there})`
      case 'co':
        return `coalesce(position(${there} in ${here}) > 0, false)`
      case 'sw':
        return `coalesce(starts_with(${here}, ${there}), false)`
      case 'ew':
        return `coalesce(right(${here}, length(${there})) = ${there}, false)`
      default:
        return `coalesce(${here} collate "C" ${SIGNS[op]} ${there}, false)`
    }
  }
}

/**
 * What is kept as JSON, by the type that its schema says. Never a cast that could fail: a directory may declare another type for what it
 * has sent before. A dateTime is kept in the one form of `toISOString`, which sorts as text.
 */
function typed(text: string, type: string): Column {
  if (type === 'boolean') return { text: `(case ${text} when 'true' then true when 'false' then false end)`, kind: 'boolean' }
  if (type === 'integer' || type === 'decimal') {
    return { text: `(case when ${text} ~ '^-?[0-9]{1,16}([.][0-9]{1,16})?$' then ${text}::numeric end)`, kind: 'number' }
  }
  return { text, kind: 'text' }
}

/** The address that a value of `emails` has to have for the condition, where it names one. */
function addressIn(part: Condition): string | null {
  if (part.kind === 'and') return part.parts.map(addressIn).find((address) => address !== null) ?? null
  const named = part.kind === 'compare' && part.op === 'eq' && part.place.attribute.name === 'value'
  return named && isEmailKey(part.value) ? part.value : null
}

function exactOf({ attribute, sub }: Place): boolean {
  return (sub ?? attribute).caseExact
}
