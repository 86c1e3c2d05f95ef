import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent when an operator of the project starts a recovery; the link sets a new password. */
export function accountRecovery({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Get back into your ${name} account`,
    heading: 'Get back into your account',
    lead: [`The team of ${name} started the recovery of your account. Choose a new password to get back in.`],
    action: { label: 'Choose a new password', url: link },
    after: [
      'The link works once, for 60 minutes. Setting a new password signs you out everywhere.',
      'If you did not ask for help, ignore this mail: your password stays as it is.',
    ],
  })
}
