import { outsideText, outsideUrl } from '@portico/kernel/outside-text'
import { OAuthProblem } from './oauth-problem.js'
import { isRecord } from './read-json.js'
import type { Claims, Profile, ProvidedIdentity, ProviderDefinition } from './provider.js'

// More are no groups but a mistake; Entra ID sends at most 200.
const MAX_GROUPS = 1_000
const MAX_NAME = 512
const MAX_URL = 2_048
const MAX_SUBJECT = 255
/** RFC 5321, 4.5.3.1, with room. */
const MAX_ADDRESS = 320

/** A subject is compared and never shown, so it is taken as it is or not at all. */
export function readSubject(value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_SUBJECT || outsideText(value, MAX_SUBJECT) !== value) {
    throw new OAuthProblem('untrusted', 'the subject is missing, too long or no text')
  }
  return value
}

/** The address of a document, or null when it has none that could be one. */
export function readAddress(claims: Claims): string | null {
  const value = claims['email']
  if (typeof value !== 'string' || value.length > MAX_ADDRESS) return null
  const text = outsideText(value, MAX_ADDRESS)
  return text === value.trim() ? text : null
}

/**
 * The first of `emails`: Azure AD B2C lists what the person typed there, and has no `email`. Nothing vouches for it: `email_verified` and
 * its like speak of `email`.
 */
function readListedAddress({ emails }: Claims): string | null {
  return Array.isArray(emails) ? readAddress({ email: emails[0] as unknown }) : null
}

/**
 * One document vouches: the address and whatever says that it is verified come from the same one, the first that has an address.
 * Pieced together from two, one part of the provider would vouch for what another part of it let the person type.
 */
export function readIdentity(definition: ProviderDefinition, subject: string, documents: readonly Claims[]): ProvidedIdentity {
  const source = documents.find((claims) => readAddress(claims) !== null)
  return {
    subject,
    email: source ? readAddress(source) : (documents.map(readListedAddress).find((address) => address !== null) ?? null),
    emailVerified: source !== undefined && definition.emailVerified(source),
    // Shown and never decided by, so every document may add to it.
    profile: Object.assign({}, ...documents.map(readProfile), source ? readProfile(source) : {}) as Profile,
  }
}

function readProfile(claims: Claims): Profile {
  return profile(claims['name'] ?? fullName(claims['given_name'], claims['family_name']), claims['preferred_username'], claims['picture'])
}

/** The groups that the first document with this claim lists; `null`: none has it. A name alone is a list of one. */
export function readGroups(claim: string, documents: readonly Claims[]): string[] | null {
  for (const document of documents) {
    const value = document[claim] ?? claimAt(document, claim.split('.'))
    if (typeof value === 'string') return [value]
    if (Array.isArray(value)) return value.filter((group): group is string => typeof group === 'string').slice(0, MAX_GROUPS)
  }
  return null
}

function claimAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined), document)
}

/** A profile of what is fit to be kept: text is cut between code points, a URL is whole or not there. */
export function profile(name: unknown, username: unknown, picture: unknown): Profile {
  const shown = { name: outsideText(name, MAX_NAME), username: outsideText(username, MAX_NAME), picture: outsideUrl(picture, MAX_URL) }
  return {
    ...(shown.name && { name: shown.name }),
    ...(shown.username && { username: shown.username }),
    ...(shown.picture && { picture: shown.picture }),
  }
}

function fullName(given: unknown, family: unknown): string {
  return [given, family].map((part) => outsideText(part, MAX_NAME)).filter((part) => part !== null).join(' ')
}

/**
 * Apple says the name only in the form post of the first sign-in, beside the code: `{"name": {"firstName", "lastName"}, "email"}`. The post
 * went through the person's browser and is unsigned, so a name is all that is taken from it, never the address.
 */
export function readFirstProfile(user: string | null): Profile {
  if (user === null || user.length > 8_192) return {}
  try {
    const said = JSON.parse(user) as { name?: { firstName?: unknown; lastName?: unknown } } | null
    return profile(fullName(said?.name?.firstName, said?.name?.lastName), undefined, undefined)
  } catch {
    return {}
  }
}
