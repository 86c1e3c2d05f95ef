import { findAttribute, text, group, type Attribute, type ResourceType } from './attribute.js'

/** Attributes that every resource has besides those of its schema (RFC 7643, 3.1). */
const COMMON: readonly Attribute[] = [
  { ...text('id', 'Ours.'), mutability: 'readOnly', caseExact: true, returned: 'always' },
  { ...text('externalId', 'The id at the identity provider.'), caseExact: true },
  { ...text('schemas', 'What it is made of.'), type: 'reference', multiValued: true, mutability: 'readOnly', returned: 'always' },
  {
    ...group('meta', 'About the resource.', [
      { ...text('resourceType', ''), mutability: 'readOnly', caseExact: true },
      { ...text('created', ''), type: 'dateTime', mutability: 'readOnly' },
      { ...text('lastModified', ''), type: 'dateTime', mutability: 'readOnly' },
      { ...text('location', ''), mutability: 'readOnly', caseExact: true },
      { ...text('version', ''), mutability: 'readOnly', caseExact: true },
    ]),
    mutability: 'readOnly',
  },
]

/** Where an attribute stands in a resource. */
export interface Place {
  /** The URN of its extension; `null`: of the core schema, or common to all. */
  extension: string | null
  attribute: Attribute
  sub: Attribute | null
}

/** The whole of an extension. */
export interface ExtensionPlace {
  extension: string
  attribute: null
}

/**
 * Finds what a path without brackets names, in any case: `userName`, `name.familyName`, with the URN of its schema before it
 * (RFC 7644, 3.10). Only what a schema declares is ever found, so no path reaches anything else of an object.
 */
export function findPlace(type: ResourceType, path: string): Place | ExtensionPlace | null {
  for (const schema of [type.schema, ...type.extensions]) {
    const extension = schema === type.schema ? null : schema.id
    const prefix = path.slice(0, schema.id.length).toLowerCase()
    if (prefix !== schema.id.toLowerCase()) continue
    const rest = path.slice(schema.id.length)
    if (rest === '') return extension === null ? null : { extension, attribute: null }
    // Entra writes a dot after an URN of its own now and then.
    if (rest[0] === ':' || rest[0] === '.') return placeIn(schema.attributes, rest.slice(1), extension)
  }
  return placeIn([...type.schema.attributes, ...COMMON], path, null) ?? placeInExtensions(type, path)
}

/** Entra asks for `manager` without the URN before it. The core comes first, so the name means no second thing. */
function placeInExtensions({ extensions }: ResourceType, path: string): Place | null {
  for (const { id, attributes } of extensions) {
    const place = placeIn(attributes, path, id)
    if (place) return place
  }
  return null
}

function placeIn(attributes: readonly Attribute[], path: string, extension: string | null): Place | null {
  const [name = '', subName, ...rest] = path.split('.')
  const attribute = rest.length > 0 ? null : findAttribute(attributes, name)
  if (!attribute) return null
  if (subName === undefined) return { extension, attribute, sub: null }
  const sub = findAttribute(attribute.subAttributes ?? [], subName)
  return sub && { extension, attribute, sub }
}
