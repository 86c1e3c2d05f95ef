import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent after somebody asked for a reset; the link works for 60 minutes. */
export function passwordReset({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Reset your ${name} password`,
    heading: 'Reset your password',
    lead: [`Somebody, hopefully you, asked for a new password for your ${name} account.`],
    action: { label: 'Choose a new password', url: link },
    after: [
      'The link works once, for 60 minutes. Setting a new password signs you out everywhere.',
      'If you did not ask for this, ignore this mail: your password stays as it is.',
    ],
  })
}
