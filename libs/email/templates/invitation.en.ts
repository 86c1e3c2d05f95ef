import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** An operator of the project made an account for this address; the link sets its first password. */
export function invitation({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `You are invited to ${name}`,
    heading: `You are invited to ${name}`,
    lead: [`The team of ${name} made an account for you. Choose a password to start.`],
    action: { label: 'Accept the invitation', url: link },
    after: ['The link works once, for 7 days.', 'If you do not know this app, ignore this mail.'],
  })
}
