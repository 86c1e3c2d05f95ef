import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/**
 * Sent when an operator of the project starts a recovery; the link sets a new password or, with `signIn`, signs in where there are no
 * passwords.
 */
export function accountRecovery({
  projectName,
  link,
  signIn = false,
}: {
  projectName: string
  link: string
  signIn?: boolean
}): RenderedMail {
  const name = printableName(projectName)
  const what = signIn ? 'Sign in and add a new passkey' : 'Choose a new password'
  return layOut({
    projectName,
    subject: `Get back into your ${name} account`,
    heading: 'Get back into your account',
    lead: [`The team of ${name} started the recovery of your account. ${what} to get back in.`],
    action: { label: signIn ? 'Sign in' : 'Choose a new password', url: link },
    after: [
      signIn
        ? 'The link works once, for 60 minutes. Using it signs you out everywhere else.'
        : 'The link works once, for 60 minutes. Setting a new password signs you out everywhere.',
      signIn
        ? 'If you did not ask for help, ignore this mail: nothing changes.'
        : 'If you did not ask for help, ignore this mail: your password stays as it is.',
    ],
  })
}
