import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent at sign-up; the link confirms the address for 24 hours, the code for 10 minutes and only where the sign-up began. */
export function confirmEmail({ projectName, link, code }: { projectName: string; link: string; code?: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Confirm your email address for ${name}`,
    heading: 'Confirm your email address',
    lead: [`Please confirm that this address is yours, to finish signing up for ${name}.`],
    action: { label: 'Confirm my address', url: link },
    ...(code === undefined ? {} : { code }),
    after: [
      'The link works once, for 24 hours.',
      ...(code === undefined ? [] : ['The code works for 10 minutes, where you signed up.']),
      'If you did not sign up, ignore this mail: nothing happens without the link.',
    ],
  })
}
