import { invalidField } from '@portico/kernel/auth-error'
import { parseEmailAddress, type EmailAddress } from '@portico/kernel/email-address'

/** Throws `validation_error` when the text is not an address. */
export function readEmail(text: string): EmailAddress {
  const address = parseEmailAddress(text)
  if (!address) throw invalidField('email', 'invalid_email', 'This must be an email address.')
  return address
}
