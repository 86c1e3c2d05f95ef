import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent after a password was changed or reset. `resetLink` is a page where a new reset can be asked for; it carries no token. */
export function passwordChanged({ projectName, resetLink }: { projectName: string; resetLink?: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Your ${name} password was changed`,
    heading: 'Your password was changed',
    lead: [`The password of your ${name} account was just changed. If that was you, there is nothing to do.`],
    ...(resetLink === undefined ? {} : { action: { label: 'This was not me: reset my password', url: resetLink } }),
    after: ['If it was not you, ask for a password reset now: it ends every session, also that of the person who changed it.'],
  })
}
