import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Sent to the old address; the link takes the change back for 7 days. */
export function emailChangeNotice({
  projectName,
  link,
  newAddress,
}: {
  projectName: string
  link: string
  newAddress: string
}): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `The email address of your ${name} account is changing`,
    heading: 'Your email address is changing',
    lead: [
      `Somebody asked to use ${maskAddress(newAddress)} instead of this address for your ${name} account.`,
      'If that was you, there is nothing to do here.',
    ],
    action: { label: 'This was not me: keep my address', url: link },
    after: ['The link works for 7 days. It puts this address back and signs the account out everywhere.'],
  })
}

/** Enough to recognise one's own new address, not enough to harvest it. */
function maskAddress(address: string): string {
  const at = address.lastIndexOf('@')
  return `${[...address][0] ?? ''}…${address.slice(at)}`
}
