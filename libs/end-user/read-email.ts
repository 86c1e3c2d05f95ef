import { invalidField } from '@portico/kernel/auth-error'
import { parseEmailAddress, resemblingAddress, type EmailAddress } from '@portico/kernel/email-address'

/** Throws `validation_error` when the text is not an address, with a hint when it looks like another one. */
export function readEmail(text: string): EmailAddress {
  const address = parseEmailAddress(text)
  if (address) return address
  const resembling = resemblingAddress(text)
  if (resembling === null) throw invalidField('email', 'invalid_email', 'This must be an email address.')
  throw invalidField(
    'email',
    'ambiguous_email',
    `This holds characters that would be dropped or replaced. If you mean ${resembling}, type exactly that.`,
  )
}
