import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Signs in without a password; works for 15 minutes. The code beside it works for 10, where it was asked for. */
export function magicLink({ projectName, link, code }: { projectName: string; link: string; code?: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Sign in to ${name}`,
    heading: `Sign in to ${name}`,
    lead: ['Open this link in the browser in which you asked for it.'],
    ...(code === undefined ? {} : { code }),
    action: { label: 'Sign in', url: link },
    after: [
      'The link works once, for 15 minutes. Do not forward this mail.',
      ...(code === undefined ? [] : ['Or type the code where you asked for it, within 10 minutes.']),
      'If you did not ask for it, ignore this mail: nobody gets in without the link.',
    ],
  })
}
