import { parseEmailAddress, type EmailAddress } from '@portico/kernel/email-address'
import { snakeKeys } from '@portico/kernel/snake-case'
import { invalidValue } from '@portico/scim/scim-problem'
import type { Resource } from '@portico/scim/resource'
import type { Value } from '@portico/scim/read-value'

const LOCALE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/

/**
 * The address of the account: the primary one of `emails`, else the one for work, else the first, else `userName` if it is one. `null`:
 * none. Throws `invalidValue` for a value of `emails` that is no address.
 */
export function addressOf({ core }: Resource): EmailAddress | null {
  const emails = listOf(core['emails'])
  const chosen = emails.find(({ primary }) => primary === true) ?? emails.find(({ type }) => isWork(type)) ?? emails[0]
  if (!chosen) return parseEmailAddress(String(core['userName']))
  const address = parseEmailAddress(String(chosen['value'] ?? ''))
  if (!address) throw invalidValue('The value of emails that is the address of the account is no email address.')
  return address
}

function isWork(type: unknown): boolean {
  return typeof type === 'string' && type.toLowerCase() === 'work'
}

function listOf(value: Value | undefined): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object') : []
}

/** What apps are told of the person, in `metadata`; `null` takes a name away that the directory says no more. */
export function profileOf({ core }: Resource): Record<string, unknown> {
  const name = typeof core['name'] === 'object' && !Array.isArray(core['name']) ? core['name'] : {}
  const parts = [name['givenName'], name['familyName']].filter((part) => part !== undefined && part !== '')
  const locale = [core['preferredLanguage'], core['locale']].find((tag) => typeof tag === 'string' && LOCALE.test(tag))
  return snakeKeys({
    name: core['displayName'] ?? name['formatted'] ?? (parts.length > 0 ? parts.join(' ') : null),
    givenName: name['givenName'] ?? null,
    familyName: name['familyName'] ?? null,
    ...(locale === undefined ? {} : { locale }),
  })
}
