import { GROUP_TYPE } from './core-schemas.js'
import type { Condition } from './filter.js'
import type { PatchOperation } from './patch-operations.js'
import { readPatchPath } from './patch-path.js'
import { partsOfValue } from './patch.js'
import { invalidFilter, invalidPath, invalidValue, mutability } from './scim-problem.js'

/** In this order; a group of ten thousand is not read to take one person out. `null` in a removal: everybody. */
export type MemberChange = { kind: 'add'; ids: string[] } | { kind: 'remove'; ids: string[] | null } | { kind: 'replace'; ids: string[] }

const MAX_MEMBERS = 10_000

/** What a PATCH does to the members of a group, and what is left of it for the group itself. */
export function splitGroupPatch(operations: readonly PatchOperation[]): { members: MemberChange[]; rest: PatchOperation[] } {
  const members: MemberChange[] = []
  const rest: PatchOperation[] = []
  for (const operation of operations) {
    const { op, path, value } = operation
    if (path !== null) {
      const change = memberChange(operation, path)
      if (change) push(members, change)
      else rest.push(operation)
      continue
    }
    for (const [key, each] of partsOfValue(value)) {
      const part = { op, path: key, value: each }
      const change = memberChange(part, key)
      if (change) push(members, change)
      else rest.push(part)
    }
  }
  return { members, rest }
}

/** A thousand operations that each add or remove one are one statement. */
function push(changes: MemberChange[], next: MemberChange): void {
  const last = changes.at(-1)
  if (last?.ids && next.ids && last.kind === next.kind && next.kind !== 'replace') last.ids.push(...next.ids)
  else changes.push(next)
}

/** The members of a body or of an operation: `[{"value": "id"}]`, one of them bare, or only ids. */
export function readMembers(given: unknown): string[] {
  if (given === null || given === undefined) return []
  const list = Array.isArray(given) ? (given as unknown[]) : [given]
  if (list.length > MAX_MEMBERS) throw invalidValue(`More than ${MAX_MEMBERS} members at once.`)
  return [...new Set(list.map(memberId))]
}

function memberId(given: unknown): string {
  const id = typeof given === 'object' && given !== null && 'value' in given ? given.value : given
  if (typeof id !== 'string' || id.length > 200) throw invalidValue('A member is named by its value, the id of a user.')
  return id.toLowerCase()
}

function memberChange({ op, value }: PatchOperation, path: string): MemberChange | null {
  const target = readPatchPath(GROUP_TYPE, path)
  if (target.kind !== 'attribute' || target.attribute.name !== 'members') return null
  const { condition, sub } = target
  if (sub) throw op === 'remove' ? invalidPath('Name the member.') : mutability(`members.${sub.name} cannot be changed.`)
  if (condition) {
    const ids = idsOf(condition)
    if (op === 'remove') return { kind: 'remove', ids }
    return { kind: 'add', ids }
  }
  const ids = readMembers(value)
  if (op === 'remove') return { kind: 'remove', ids: value === null || value === undefined ? null : ids }
  return { kind: op, ids }
}

/** `members[value eq "a" or value eq "b"]`. */
function idsOf(condition: Condition): string[] {
  if (condition.kind === 'or') return condition.parts.flatMap(idsOf)
  const named = condition.kind === 'compare' && condition.op === 'eq' && condition.place.attribute.name === 'value'
  if (!named) throw invalidFilter('Members are chosen by value eq.')
  return [String(condition.value).toLowerCase()]
}
