import { GROUP_TYPE } from '@portico/scim/core-schemas'
import { etagOf, namesEtag } from '@portico/scim/etag'
import { readMembers, splitGroupPatch } from '@portico/scim/patch-members'
import { readPatch } from '@portico/scim/patch-operations'
import { isShown, type Shown } from '@portico/scim/projection'
import { asObject, readResource } from '@portico/scim/resource'
import type { DirectoryUseCases } from './directory-use-cases.js'
import { groupAnswer, listAnswer } from './answers/resources.js'
import type { ScimAnswer, ScimCall, scimRoutes } from './scim-route.js'
import { readListQuery, readShown, searchOf } from './scim-query.js'

/** What a PATCH answers unasked. */
const FEW_MEMBERS = 1_000

export function groupRoutes(route: ReturnType<typeof scimRoutes>, use: DirectoryUseCases): void {
  route('POST', '/Groups', async (call) => {
    const shown = readShown(call.query)
    const group = await use.provisionGroup.create(call, readResource(GROUP_TYPE, call.body), membersOf(call.body))
    return { ...(await answer(call, use, group.id, shown)), status: 201 }
  })

  route('GET', '/Groups', (call) => listGroups(call, call.query, use))
  route('POST', '/Groups/.search', (call) => listGroups(call, call.body, use))

  route('GET', '/Groups/:id', async (call) => {
    const found = await answer(call, use, call.id, readShown(call.query))
    const seen = call.header('if-none-match')
    return seen !== null && namesEtag(seen, found.etag) ? { status: 304, etag: found.etag } : found
  })

  route('PUT', '/Groups/:id', async (call) => {
    const shown = readShown(call.query)
    const resource = readResource(GROUP_TYPE, call.body)
    const members = [{ kind: 'replace' as const, ids: membersOf(call.body) }]
    const change = { method: 'PUT' as const, ifMatch: call.header('if-match'), members, operations: resource }
    await use.provisionGroup.change(call, call.id, change)
    return answer(call, use, call.id, shown)
  })

  route('PATCH', '/Groups/:id', async (call) => {
    const shown = readShown(call.query)
    const { members, rest } = splitGroupPatch(readPatch(call.body))
    const change = { method: 'PATCH' as const, ifMatch: call.header('if-match'), members, operations: rest }
    const group = await use.provisionGroup.change(call, call.id, change)
    // A group may have ten thousand members: they are answered when somebody asks to see them (RFC 7644, 3.5.2). Some clients and testers
    // know no other answer than the whole, so few of them are answered to everybody.
    const asked = shown.attributes !== null || call.prefers === 'representation'
    const whole = asked || (call.prefers === null && (await use.readDirectory.isSmall(call, call.id, FEW_MEMBERS)))
    return whole ? answer(call, use, call.id, shown) : { etag: etagOf(group.version) }
  })

  route('DELETE', '/Groups/:id', async (call) => {
    await use.provisionGroup.remove(call, call.id, call.header('if-match'))
    return {}
  })
}

function membersOf(body: unknown): string[] {
  return readMembers(Object.entries(asObject(body)).find(([name]) => name.toLowerCase() === 'members')?.[1])
}

async function answer(call: ScimCall, use: DirectoryUseCases, id: string, shown: Shown): Promise<ScimAnswer & { etag: string }> {
  const found = await use.readDirectory.group(call, id, isShown(GROUP_TYPE, 'members', shown))
  return { body: groupAnswer(found, call.base, shown), etag: etagOf(found.group.version), location: `${call.base}/Groups/${id}` }
}

async function listGroups(call: ScimCall, given: unknown, use: DirectoryUseCases): Promise<ScimAnswer> {
  const query = readListQuery((given ?? {}) as Record<string, unknown>)
  const withMembers = isShown(GROUP_TYPE, 'members', query.shown)
  const { total, items } = await use.readDirectory.groups(call, searchOf(GROUP_TYPE, query), withMembers)
  const groups = items.map((item) => groupAnswer(item, call.base, query.shown))
  return { body: listAnswer(groups, { total, startIndex: query.startIndex }) }
}
