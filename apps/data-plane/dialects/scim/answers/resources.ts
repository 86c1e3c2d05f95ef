import type { ListedGroup, ListedUser } from '@portico/end-user/directory/read-directory'
import { GROUP_TYPE, userType } from '@portico/scim/core-schemas'
import { toSchema, type CustomSchema } from '@portico/scim/custom-schema'
import { etagOf } from '@portico/scim/etag'
import { project, type Shown } from '@portico/scim/projection'
import { schemasOf } from '@portico/scim/resource'

const LIST_URN = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export const typeOfUsers = (custom: CustomSchema | null) => userType(custom && toSchema(custom))

const metaOf = (resourceType: 'User' | 'Group', location: string, of: { createdAt: Date; updatedAt: Date; version: number }) => ({
  resourceType,
  created: of.createdAt.toISOString(),
  lastModified: of.updatedAt.toISOString(),
  location,
  version: etagOf(of.version),
})

/** RFC 7643, 4.1. */
export function userAnswer({ user, groups }: ListedUser, base: string, custom: CustomSchema | null, shown: Shown) {
  const type = typeOfUsers(custom)
  const { resource, id } = user
  // Of a schema that the directory does not declare any more nothing is said.
  const extensions = Object.fromEntries(type.extensions.flatMap((each) => {
    const values = resource.extensions[each.id]
    return values === undefined ? [] : [[each.id, values] as const]
  }))
  const whole = {
    schemas: schemasOf(type, resource),
    id,
    ...(resource.externalId !== null && { externalId: resource.externalId }),
    ...resource.core,
    ...(groups.length > 0 && {
      groups: groups.map(({ groupId, display }) => ({ value: groupId, $ref: `${base}/Groups/${groupId}`, display, type: 'direct' })),
    }),
    ...extensions,
    meta: metaOf('User', `${base}/Users/${id}`, user),
  }
  return project(type, whole, shown)
}

/** RFC 7643, 4.2. */
export function groupAnswer({ group, members }: ListedGroup, base: string, shown: Shown) {
  const { id, displayName, externalId } = group
  const whole = {
    schemas: [GROUP_TYPE.schema.id],
    id,
    ...(externalId !== null && { externalId }),
    displayName,
    members: members.map(({ userId, display }) => ({ value: userId, $ref: `${base}/Users/${userId}`, type: 'User', display })),
    meta: metaOf('Group', `${base}/Groups/${id}`, group),
  }
  return project(GROUP_TYPE, whole, shown)
}

/** RFC 7644, 3.4.2. */
export function listAnswer(resources: readonly object[], { total, startIndex }: { total: number; startIndex: number }) {
  return { schemas: [LIST_URN], totalResults: total, startIndex, itemsPerPage: resources.length, Resources: resources }
}
