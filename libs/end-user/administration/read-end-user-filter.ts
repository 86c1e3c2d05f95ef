import { invalidField } from '@portico/kernel/auth-error'
import { readDomainName } from '@portico/kernel/domain-name'
import { addressSearchForms, parseEmailAddress } from '@portico/kernel/email-address'
import { isUuid } from '@portico/kernel/ids'
import { isOutsideProvider } from '@portico/kernel/settings/providers'
import { END_USER_STATES, type EndUserFilter, type EndUserState } from '../records/end-user-filter.js'

export interface AskedFilter {
  search?: string | undefined
  id?: string | undefined
  email?: string | undefined
  domain?: string | undefined
  provider?: string | undefined
  /** Separated by commas; all of them must hold. */
  state?: string | undefined
  createdFrom?: Date | undefined
  createdBefore?: Date | undefined
  lastSignInFrom?: Date | undefined
  lastSignInBefore?: Date | undefined
}

/** What is stored in no form of its own, no id and no address of the project has. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** An id, an address or a domain that is none finds nobody; a provider or a state that is none is refused: a misspelt one would lie. */
export function readEndUserFilter(asked: AskedFilter): EndUserFilter {
  return {
    ...readSearch(asked.search),
    ...(asked.id !== undefined && { id: isUuid(asked.id) ? asked.id.toLowerCase() : NOBODY }),
    ...(asked.email !== undefined && readAddress(asked.email)),
    ...(asked.domain !== undefined && { domain: readDomainName(asked.domain.trim().replace(/^@/, ''))?.ascii ?? '@' }),
    ...(asked.provider !== undefined && { way: readWay(asked.provider) }),
    states: asked.state === undefined ? [] : readStates(asked.state),
    ...(asked.createdFrom && { createdFrom: asked.createdFrom }),
    ...(asked.createdBefore && { createdBefore: asked.createdBefore }),
    ...(asked.lastSignInFrom && { lastSignInFrom: asked.lastSignInFrom }),
    ...(asked.lastSignInBefore && { lastSignInBefore: asked.lastSignInBefore }),
  }
}

function readSearch(search: string | undefined): Pick<EndUserFilter, 'id' | 'beginnings'> {
  const text = search?.trim() ?? ''
  if (text === '') return {}
  if (isUuid(text)) return { id: text.toLowerCase() }
  const forms = addressSearchForms(text)
  if (text.startsWith('@')) return { beginnings: { addresses: [], domains: forms.map((form) => form.slice(1)) } }
  return { beginnings: { addresses: forms, domains: text.includes('@') ? [] : forms } }
}

function readAddress(email: string): Pick<EndUserFilter, 'id' | 'email'> {
  const address = parseEmailAddress(email)
  return address ? { email: address.normalised } : { id: NOBODY }
}

function readWay(provider: string): string {
  if (provider === 'password' || provider === 'passkey' || isOutsideProvider(provider)) return provider
  throw invalidField('provider', 'invalid', 'must be password, passkey, or a provider such as google or oidc:<name>')
}

function readStates(text: string): EndUserState[] {
  return text.split(',').map((part) => {
    const state = END_USER_STATES.find((known) => known === part.trim())
    if (!state) throw invalidField('state', 'invalid', `each must be one of ${END_USER_STATES.join(', ')}`)
    return state
  })
}
