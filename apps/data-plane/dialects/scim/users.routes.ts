import { patchResource } from '@portico/scim/patch'
import { readPatch } from '@portico/scim/patch-operations'
import { isShown } from '@portico/scim/projection'
import { readResource, type Resource } from '@portico/scim/resource'
import { etagOf, namesEtag } from '@portico/scim/etag'
import type { DirectoryUseCases } from './directory-use-cases.js'
import { listAnswer, typeOfUsers, userAnswer } from './answers/resources.js'
import type { ScimAnswer, ScimCall, scimRoutes } from './scim-route.js'
import { readListQuery, readShown, searchOf } from './scim-query.js'

export function userRoutes(route: ReturnType<typeof scimRoutes>, use: DirectoryUseCases): void {
  route('POST', '/Users', async (call) => {
    const shown = readShown(call.query)
    const user = await use.provisionUser.create(call, readResource(typeOfUsers(call.directory.customSchema), call.body))
    // Who was just made is in no group yet; who came back has left them all.
    const body = userAnswer({ user, groups: [] }, call.base, call.directory.customSchema, shown)
    return { status: 201, body, etag: etagOf(user.version), location: `${call.base}/Users/${user.id}` }
  })

  route('GET', '/Users', (call) => listUsers(call, call.query, use))
  route('POST', '/Users/.search', (call) => listUsers(call, call.body, use))

  route('GET', '/Users/:id', async (call) => {
    const shown = readShown(call.query)
    const found = await use.readDirectory.user(call, call.id)
    const etag = etagOf(found.user.version)
    const seen = call.header('if-none-match')
    if (seen !== null && namesEtag(seen, etag)) return { status: 304, etag }
    return { body: userAnswer(found, call.base, call.directory.customSchema, shown), etag, location: `${call.base}/Users/${call.id}` }
  })

  route('PUT', '/Users/:id', async (call) => {
    const given = readResource(typeOfUsers(call.directory.customSchema), call.body)
    return change(call, use, 'PUT', (before) => {
      // Who leaves `active` out does not mean to enable anybody.
      const { active } = { ...before.core, ...given.core }
      return active === undefined ? given : { ...given, core: { ...given.core, active } }
    })
  })

  route('PATCH', '/Users/:id', async (call) => {
    const operations = readPatch(call.body)
    const type = typeOfUsers(call.directory.customSchema)
    return change(call, use, 'PATCH', (before) => patchResource(type, before, operations))
  })

  route('DELETE', '/Users/:id', async (call) => {
    await use.deprovisionUser.execute(call, call.id, call.header('if-match'))
    return {}
  })
}

async function change(
  call: ScimCall,
  use: DirectoryUseCases,
  method: 'PUT' | 'PATCH',
  by: (before: Resource) => Resource,
): Promise<ScimAnswer> {
  const shown = readShown(call.query)
  const user = await use.provisionUser.change(call, call.id, { method, ifMatch: call.header('if-match'), change: by })
  const found = await use.readDirectory.user(call, user.id)
  const body = userAnswer({ ...found, user }, call.base, call.directory.customSchema, shown)
  return { body, etag: etagOf(user.version), location: `${call.base}/Users/${user.id}` }
}

async function listUsers(call: ScimCall, given: unknown, use: DirectoryUseCases): Promise<ScimAnswer> {
  const query = readListQuery((given ?? {}) as Record<string, unknown>)
  const type = typeOfUsers(call.directory.customSchema)
  const { total, items } = await use.readDirectory.users(call, searchOf(type, query), isShown(type, 'groups', query.shown))
  const users = items.map((item) => userAnswer(item, call.base, call.directory.customSchema, query.shown))
  return { body: listAnswer(users, { total, startIndex: query.startIndex }) }
}
