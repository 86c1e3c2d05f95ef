import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent to the new address; only its link makes the change. */
export function emailChange({ projectName, link, newAddress }: { projectName: string; link: string; newAddress: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Confirm your new email address for ${name}`,
    heading: 'Confirm your new email address',
    lead: [`Somebody, hopefully you, asked to use ${newAddress} for their ${name} account.`],
    action: { label: 'Use this address', url: link },
    after: ['The link works once, for 24 hours.', 'If you did not ask for this, ignore this mail: nothing changes without the link.'],
  })
}
