import { text, type Attribute, type Schema } from './attribute.js'
import { ENTERPRISE_URN, GROUP_URN, USER_URN } from './core-schemas.js'

export const CUSTOM_TYPES = ['string', 'boolean', 'integer', 'decimal', 'dateTime'] as const

/** An extension that a directory declares for attributes of its own. */
export interface CustomSchema {
  /** `urn:…`. */
  id: string
  name: string
  attributes: readonly { name: string; type: (typeof CUSTOM_TYPES)[number]; multiValued: boolean }[]
}

export const MAX_CUSTOM_ATTRIBUTES = 50
const URN = /^urn:[a-z0-9][a-z0-9-]{0,31}:[A-Za-z0-9()+,\-.:=@;$_!*']{1,200}$/
// RFC 7643, 2.1, without a $.
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** What is wrong with it, in a word; `null`: nothing. */
export function problemOf({ id, attributes }: CustomSchema): { at: 'id' | 'attributes'; code: string; message: string } | null {
  const taken = [USER_URN, GROUP_URN, ENTERPRISE_URN].some((urn) => urn.toLowerCase() === id.toLowerCase())
  if (!URN.test(id) || taken || id.toLowerCase().startsWith('urn:ietf:params:scim:schemas:core:')) {
    return { at: 'id', code: 'invalid', message: 'A URN of your own, like urn:ietf:params:scim:schemas:extension:acme:2.0:User.' }
  }
  if (attributes.length === 0 || attributes.length > MAX_CUSTOM_ATTRIBUTES) {
    return { at: 'attributes', code: 'invalid', message: `Between 1 and ${MAX_CUSTOM_ATTRIBUTES} attributes.` }
  }
  const names = new Set(attributes.map(({ name }) => name.toLowerCase()))
  // `constructor` is a name by the RFC, and a way to every object by JavaScript.
  const odd = attributes.some(({ name }) => !NAME.test(name) || name in Object.prototype)
  if (odd || names.size < attributes.length) {
    const message = 'Names start with a letter, have letters, digits, - and _, and each is there once.'
    return { at: 'attributes', code: 'invalid_name', message }
  }
  return null
}

export function toSchema({ id, name, attributes }: CustomSchema): Schema {
  return {
    id,
    name,
    description: name,
    attributes: attributes.map(
      (each): Attribute => ({ ...text(each.name, each.name, { multiValued: each.multiValued }), type: each.type }),
    ),
  }
}
