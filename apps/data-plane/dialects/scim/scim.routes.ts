import { toSchema } from '@portico/scim/custom-schema'
import { GROUP_TYPE } from '@portico/scim/core-schemas'
import { resourceTypes, schemas, serviceProviderConfig } from '@portico/scim/discovery'
import { isShown } from '@portico/scim/projection'
import { ScimProblem } from '@portico/scim/scim-problem'
import type { FastifyInstance } from 'fastify'
import type { UseCases } from '../../use-cases.js'
import { groupAnswer, listAnswer, typeOfUsers, userAnswer } from './answers/resources.js'
import { groupRoutes } from './groups.routes.js'
import { answerInScim } from './scim-form.js'
import { readListQuery, searchOf } from './scim-query.js'
import { openScimRoute, scimRoutes, type ScimAnswer, type ScimCall, type ScimDoor } from './scim-route.js'
import { userRoutes } from './users.routes.js'

type Route = ReturnType<typeof scimRoutes>

/** SCIM 2.0 (RFC 7643, 7644) for the identity providers of a project's organizations. */
export function registerScim(server: FastifyInstance, use: UseCases, parts: Omit<ScimDoor, 'authenticate' | 'noteRefusal'>): void {
  answerInScim(server)
  const door = { ...parts, authenticate: use.authenticateDirectory, noteRefusal: use.noteDirectoryRefusal }
  // RFC 7643, 5: how to authenticate SHOULD be readable without doing so. It says the same of every project, so not which has a directory.
  openScimRoute(server, door, '/ServiceProviderConfig', (base) => {
    const body = serviceProviderConfig(base)
    return { body, location: body.meta.location }
  })
  const route = scimRoutes(server, door)
  userRoutes(route, use)
  groupRoutes(route, use)
  route('POST', '/.search', (call) => searchAll(call, use))
  discoveryRoutes(route)
}

/** Behind a token: a directory has a schema of its own. */
function discoveryRoutes(route: Route): void {
  const custom = ({ directory }: ScimCall) => directory.customSchema && toSchema(directory.customSchema)
  for (const [path, all] of [['/ResourceTypes', resourceTypes], ['/Schemas', schemas]] as const) {
    route('GET', path, (call) => {
      // RFC 7644, 4: a filter is refused, so that nobody takes everything for what matches.
      if (call.query['filter'] !== undefined) throw new ScimProblem(403, null, 'What describes the service cannot be filtered.')
      const found = all(call.base, custom(call))
      return { body: listAnswer(found, { total: found.length, startIndex: 1 }) }
    })
    route('GET', `${path}/:id`, (call) => {
      const found = all(call.base, custom(call)).find(({ id }) => id.toLowerCase() === call.id.toLowerCase())
      if (!found) throw new ScimProblem(404, null, 'There is no such resource.')
      return { body: found, location: found.meta.location }
    })
  }
}

/** People first, then groups, as if they were one list (RFC 7644, 3.4.3). */
async function searchAll(call: ScimCall, use: UseCases): Promise<ScimAnswer> {
  const query = readListQuery((call.body ?? {}) as Record<string, unknown>)
  const type = typeOfUsers(call.directory.customSchema)
  const users = await use.readDirectory.users(call, searchOf(type, query, 'never'), isShown(type, 'groups', query.shown))
  const rest = searchOf(GROUP_TYPE, query, 'never')
  const page = { ...rest, offset: Math.max(0, rest.offset - users.total), limit: rest.limit - users.items.length }
  const groups = await use.readDirectory.groups(call, page, isShown(GROUP_TYPE, 'members', query.shown))
  const found = [
    ...users.items.map((item) => userAnswer(item, call.base, call.directory.customSchema, query.shown)),
    ...groups.items.map((item) => groupAnswer(item, call.base, query.shown)),
  ]
  return { body: listAnswer(found, { total: users.total + groups.total, startIndex: query.startIndex }) }
}
