import type { DirectoryQuery } from '@portico/end-user/records/directory-list.view'
import type { ResourceType } from '@portico/scim/attribute'
import { findPlace } from '@portico/scim/attribute-path'
import { MAX_RESULTS } from '@portico/scim/discovery'
import { readFilter } from '@portico/scim/filter'
import type { Shown } from '@portico/scim/projection'
import { invalidSyntax, invalidValue } from '@portico/scim/scim-problem'

const DEFAULT_COUNT = 100
const MAX_START = 1_000_000
const MAX_NAMES = 200

/** Of a URL, where everything is text, or of the body of a search. */
export interface ListQuery {
  filter: string | null
  sortBy: string | null
  descending: boolean
  /** From 1. */
  startIndex: number
  /** 0: only how many there are. */
  count: number
  shown: Shown
}

/** RFC 7644, 3.4.2. Who asks for less than the first or for fewer than none gets the first and none; for more than the most, the most. */
export function readListQuery(given: Record<string, unknown>): ListQuery {
  const sortOrder = readString(given, 'sortOrder')?.toLowerCase() ?? 'ascending'
  if (sortOrder !== 'ascending' && sortOrder !== 'descending') throw invalidValue('sortOrder is ascending or descending.')
  return {
    filter: readString(given, 'filter'),
    sortBy: readString(given, 'sortBy'),
    descending: sortOrder === 'descending',
    startIndex: Math.min(Math.max(readInteger(given, 'startIndex') ?? 1, 1), MAX_START),
    count: Math.min(Math.max(readInteger(given, 'count') ?? DEFAULT_COUNT, 0), MAX_RESULTS),
    shown: readShown(given),
  }
}

/** What `attributes` and `excludedAttributes` say (RFC 7644, 3.9). */
export function readShown(given: Record<string, unknown>): Shown {
  const attributes = readNames(given, 'attributes')
  return { attributes: attributes.length === 0 ? null : attributes, excluded: readNames(given, 'excludedAttributes') }
}

/** `unknown: 'never'` for a search over several types. */
export function searchOf(
  type: ResourceType,
  { filter, sortBy, descending, startIndex, count }: ListQuery,
  unknown: 'refuse' | 'never' = 'refuse',
): Omit<DirectoryQuery, 'directoryId'> {
  return {
    condition: filter === null ? null : readFilter(type, filter, { unknown }),
    sort: sortBy === null ? null : sortOf(type, sortBy, descending, unknown),
    offset: startIndex - 1,
    limit: count,
  }
}

function sortOf(type: ResourceType, sortBy: string, descending: boolean, unknown: 'refuse' | 'never'): DirectoryQuery['sort'] {
  const place = findPlace(type, sortBy)
  if (!place?.attribute) {
    if (unknown === 'never') return null
    throw invalidValue('sortBy names no attribute.')
  }
  const { attribute } = place
  const main = attribute.subAttributes?.find(({ name }) => name === 'value') ?? null
  const sub = place.sub ?? (attribute.type === 'complex' ? main : null)
  const isOurs = ['groups', 'members', 'schemas'].includes(attribute.name)
  const isMeta = attribute.name === 'meta' && sub?.name !== 'created' && sub?.name !== 'lastModified'
  if (isOurs || isMeta || (attribute.type === 'complex' && !sub)) throw invalidValue('sortBy names nothing that can be sorted by.')
  return { place: { ...place, sub }, descending }
}

function readString(given: Record<string, unknown>, name: string): string | null {
  const value = given[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw invalidSyntax(`${name} must be said once, as a string.`)
  return value
}

function readInteger(given: Record<string, unknown>, name: string): number | null {
  const value = given[name]
  if (value === undefined || value === null || value === '') return null
  const number = typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw invalidValue(`${name} must be an integer.`)
  return number
}

function readNames(given: Record<string, unknown>, name: string): string[] {
  const value = given[name]
  if (value === undefined || value === null) return []
  const names = Array.isArray(value) ? (value as unknown[]) : [value]
  if (!names.every((each) => typeof each === 'string')) throw invalidSyntax(`${name} must be a list of names.`)
  const read = names.flatMap((each) => (each as string).split(',')).map((each) => each.trim()).filter((each) => each !== '')
  if (read.length > MAX_NAMES) throw invalidValue(`${name} has more than ${MAX_NAMES} names.`)
  return read
}
