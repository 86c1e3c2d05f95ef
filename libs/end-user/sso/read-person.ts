import { parseEmailAddress } from '@portico/kernel/email-address'
import { outsideText } from '@portico/kernel/outside-text'
import type { ProvidedIdentity } from '@portico/oauth/provider'
import type { AssertedPerson } from '@portico/sso/saml/read-assertion'
import type { SsoMapping } from '../records/sso-connection.js'

/** Who came, in the words of this project: as the mapping of the connection reads what its identity provider said. */
export interface SsoPerson {
  /** Stable at this identity provider. */
  subject: string
  email: string | null
  name: string | null
  groups: string[]
  metadata: Record<string, string | string[]>
}

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient'
const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'
// What Entra ID, Okta, Google Workspace, ADFS, Keycloak and Shibboleth send unless told otherwise; the first that is there counts.
const EMAILS = ['email', 'mail', 'emailaddress', 'emailAddress', 'Email', 'user.email', `${CLAIMS}/emailaddress`, 'urn:oid:0.9.2342.19200300.100.1.3']
const NAMES = ['displayName', 'displayname', 'name', 'http://schemas.microsoft.com/identity/claims/displayname', 'urn:oid:2.16.840.1.113730.3.1.241', 'cn']
const GIVEN_NAMES = ['firstName', 'givenName', 'given_name', `${CLAIMS}/givenname`, 'urn:oid:2.5.4.42']
const FAMILY_NAMES = ['lastName', 'surname', 'sn', 'family_name', `${CLAIMS}/surname`, 'urn:oid:2.5.4.4']
const GROUPS = ['groups', 'Groups', 'group', 'memberOf', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups', 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1']

const MAX_TEXT = 512
const MAX_GROUPS = 1_000

type Attributes = (name: string) => readonly string[]

/** `null`: nothing names the person in a way that would be the same next time. */
export function samlPersonOf(person: AssertedPerson, mapping: SsoMapping): SsoPerson | null {
  const attributes: Attributes = (name) => person.attributes.get(name) ?? []
  const named = first(attributes, mapping.email === null ? EMAILS : [mapping.email])
  // Many identity providers put the address into the NameID and nowhere else.
  const email = named ?? (mapping.email === null && parseEmailAddress(person.nameId) ? person.nameId : null)
  const stable = person.nameIdFormat !== TRANSIENT
  const subject = stable ? person.nameId : email === null ? null : (parseEmailAddress(email)?.normalised ?? null)
  if (subject === null || outsideText(subject, 255) !== subject) return null
  return { subject, email, ...shared(attributes, mapping) }
}

export function oidcPersonOf(identity: ProvidedIdentity, mapping: SsoMapping): SsoPerson {
  const documents = identity.claims ?? []
  const attributes: Attributes = (name) => documents.map((claims) => textsOf(claims, name)).find((found) => found.length > 0) ?? []
  const usual = () => identity.email ?? first(attributes, ['preferred_username', 'upn'])
  const { name, groups: _, ...rest } = shared(attributes, mapping)
  return {
    subject: identity.subject,
    email: mapping.email === null ? usual() : first(attributes, [mapping.email]),
    name: name ?? identity.profile.name ?? null,
    groups: groupsOf(identity.groups ?? []),
    ...rest,
  }
}

function shared(attributes: Attributes, mapping: SsoMapping): Pick<SsoPerson, 'name' | 'groups' | 'metadata'> {
  const given = [first(attributes, GIVEN_NAMES), first(attributes, FAMILY_NAMES)].filter((part) => part !== null).join(' ')
  const groups = (mapping.groups === null ? GROUPS : [mapping.groups]).map(attributes).find((found) => found.length > 0) ?? []
  const metadata: SsoPerson['metadata'] = {}
  for (const { attribute, key } of mapping.metadata) {
    const values = attributes(attribute).map((value) => outsideText(value, MAX_TEXT)).filter((value) => value !== null)
    if (values.length > 0) metadata[key] = values.length === 1 ? values[0]! : values.slice(0, 50)
  }
  const name = first(attributes, mapping.name === null ? NAMES : [mapping.name]) ?? (given === '' ? null : given)
  return { name, groups: groupsOf(groups), metadata }
}

function first(attributes: Attributes, names: readonly string[]): string | null {
  for (const name of names) {
    const text = outsideText(attributes(name)[0], MAX_TEXT)
    if (text) return text
  }
  return null
}

function groupsOf(groups: readonly string[]): string[] {
  return [...new Set(groups)].filter((group) => outsideText(group, MAX_TEXT) === group).slice(0, MAX_GROUPS)
}

function textsOf(claims: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((each) => typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean').map(String)
}
