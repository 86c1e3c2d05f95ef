import type { AuthError } from '@portico/kernel/auth-error'
import type { Visit } from '../hosted/visit.js'
import { refusalText } from '../words/refusals.js'
import type { MessageKey } from '../words/words.js'

/** What went wrong, and beside which field of the page; `null`: above all of it. */
export interface SetupProblem {
  field: 'domain' | 'metadata_url' | 'metadata_xml' | 'issuer' | 'client_id' | 'client_secret' | null
  text: string
}

const FIELDS: Readonly<Record<string, SetupProblem['field']>> = {
  domain: 'domain',
  'saml.metadata_url': 'metadata_url',
  'saml.metadata_xml': 'metadata_xml',
  'saml.entity_id': 'metadata_url',
  'saml.sso_url': 'metadata_url',
  'saml.certificates': 'metadata_url',
  'oidc.issuer': 'issuer',
  'oidc.client_id': 'client_id',
  'oidc.client_secret': 'client_secret',
}

const TEXTS: Readonly<Record<string, MessageKey>> = {
  'domain.invalid_format': 'setup.domain_invalid',
  'domain.taken': 'setup.domain_taken',
  'domain.too_many': 'setup.domain_taken',
  'domain.proof_not_found': 'setup.domain_missing',
  'connection.required': 'setup.needs',
  'domains.required': 'setup.needs',
}

export function setupProblem({ say, words }: Visit, { code, details }: AuthError): SetupProblem {
  const [first] = details ?? []
  if (code === 'unavailable') return { field: null, text: say('setup.unreachable') }
  if (!first) return { field: null, text: refusalText(words, code) }
  // The use cases name fields as their input does.
  const name = first.field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const field = FIELDS[name] ?? null
  const key = TEXTS[`${name}.${first.code}`]
  // What only a proof is missing of is said above: there may be several domains, and the field is for another one.
  if (key !== undefined) return { field: first.code === 'proof_not_found' ? null : field, text: say(key) }
  if (first.code === 'required') return { field, text: say('error.required') }
  if (name.startsWith('saml')) return { field, text: say('setup.metadata_wrong') }
  return { field, text: first.code === 'invalid_url' ? say('setup.url_wrong') : refusalText(words, code) }
}
