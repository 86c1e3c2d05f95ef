import { asObject } from './resource.js'
import { invalidSyntax, invalidValue, noTarget } from './scim-problem.js'

const PATCH_URN = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const MAX_OPERATIONS = 1_000

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace'
  /** `null`: the value says where its parts belong. */
  path: string | null
  value: unknown
}

/** The body of a PATCH (RFC 7644, 3.5.2). Entra writes `Add` and `Replace`, so an op may come in any case. */
export function readPatch(body: unknown): PatchOperation[] {
  const given = asObject(body)
  const { schemas } = given
  const named = Array.isArray(schemas) ? schemas.map((each) => (typeof each === 'string' ? each.toLowerCase() : '')) : []
  if (schemas !== undefined && !named.includes(PATCH_URN.toLowerCase())) throw invalidSyntax(`schemas must name ${PATCH_URN}.`)
  const operations = Object.entries(given).find(([name]) => name.toLowerCase() === 'operations')?.[1]
  if (!Array.isArray(operations) || operations.length === 0) throw invalidSyntax('Operations must be a list with at least one operation.')
  if (operations.length > MAX_OPERATIONS) throw invalidSyntax(`A PATCH has at most ${MAX_OPERATIONS} operations.`)
  return operations.map(readOperation)
}

function readOperation(given: unknown): PatchOperation {
  const { op: name, path, value } = asObject(given)
  const op = typeof name === 'string' ? name.toLowerCase() : ''
  if (op !== 'add' && op !== 'remove' && op !== 'replace') throw invalidSyntax('op must be add, remove or replace.')
  if (path !== undefined && path !== null && typeof path !== 'string') throw invalidSyntax('path must be a string.')
  const said = path === undefined || path === null || path.trim() === '' ? null : path.trim()
  if (said === null && op === 'remove') throw noTarget('remove needs a path.')
  // RFC 7644, 3.5.2.1: with nothing to add it would be a removal by mistake.
  if (op === 'add' && value === undefined) throw invalidValue('add needs a value.')
  return { op, path: said, value }
}
