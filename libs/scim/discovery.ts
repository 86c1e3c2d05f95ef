import type { Attribute, ResourceType, Schema } from './attribute.js'
import { GROUP_TYPE, userType } from './core-schemas.js'
import { DISCOVERY_SCHEMAS } from './discovery-schemas.js'

/** Most resources of one answer. */
export const MAX_RESULTS = 200

const schemaUrn = (name: string) => `urn:ietf:params:scim:schemas:core:2.0:${name}`

/** RFC 7643, 5. `base` is the URL of the directory without a slash at its end. */
export function serviceProviderConfig(base: string) {
  return {
    schemas: [schemaUrn('ServiceProviderConfig')],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: MAX_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token of the directory in the Authorization header.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  }
}

/** RFC 7643, 6. */
export function resourceTypes(base: string, custom: Schema | null) {
  return [userType(custom), GROUP_TYPE].map((type) => ({
    schemas: [schemaUrn('ResourceType')],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.name}` },
  }))
}

/** RFC 7643, 7. */
export function schemas(base: string, custom: Schema | null) {
  const of = (type: ResourceType) => [type.schema, ...type.extensions]
  return [...of(userType(custom)), ...of(GROUP_TYPE), ...DISCOVERY_SCHEMAS].map(({ id, name, description, attributes }) => ({
    schemas: [schemaUrn('Schema')],
    id,
    name,
    description,
    attributes: attributes.map(attributeAnswer),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }))
}

/** Some characteristics say nothing of some types: a boolean has no letter case (RFC 7643, 7). */
function attributeAnswer(attribute: Attribute): Record<string, unknown> {
  const { name, type, multiValued, description, required, mutability, returned } = attribute
  const lettered = type === 'string' || type === 'reference' || type === 'binary'
  return {
    name,
    type,
    ...(attribute.subAttributes && { subAttributes: attribute.subAttributes.map(attributeAnswer) }),
    ...(attribute.referenceTypes && { referenceTypes: attribute.referenceTypes }),
    multiValued,
    description,
    required,
    ...(attribute.canonicalValues && { canonicalValues: attribute.canonicalValues }),
    ...(lettered && { caseExact: attribute.caseExact }),
    mutability,
    returned,
    ...(type !== 'complex' && type !== 'boolean' && { uniqueness: attribute.uniqueness }),
  }
}
