import { AuthError } from '@portico/kernel/auth-error'
import type { Identity } from '../records/identity.store.js'

/** Which of a user's identities is meant. Throws `not_found`, and `conflict` when the provider alone does not say which. */
export function chooseIdentity(
  identities: readonly Identity[],
  { provider, subject }: { provider: string; subject?: string | undefined },
): Identity {
  const matching = identities.filter(
    (identity) => identity.provider === provider && (subject === undefined || identity.subject === subject),
  )
  if (matching.length > 1)
    throw new AuthError('conflict', { details: [{ field: 'subject', code: 'required', message: 'There are several; say which.' }] })
  if (!matching[0]) throw new AuthError('not_found')
  return matching[0]
}
