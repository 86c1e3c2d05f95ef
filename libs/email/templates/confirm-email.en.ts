import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent at sign-up; the link confirms the address for 24 hours. */
export function confirmEmail({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Confirm your email address for ${name}`,
    heading: 'Confirm your email address',
    lead: [`Please confirm that this address is yours, to finish signing up for ${name}.`],
    action: { label: 'Confirm my address', url: link },
    after: ['The link works once, for 24 hours.', 'If you did not sign up, ignore this mail: nothing happens without the link.'],
  })
}
