import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Signs in without a password; works for 15 minutes. */
export function magicLink({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Sign in to ${name}`,
    heading: `Sign in to ${name}`,
    lead: ['Open this link in the browser in which you asked for it.'],
    action: { label: 'Sign in', url: link },
    after: ['The link works once, for 15 minutes. Do not forward this mail.', 'If you did not ask for it, ignore this mail: nobody gets in without the link.'],
  })
}
