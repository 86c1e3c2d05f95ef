import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** A code to type in; works for 10 minutes. It stays out of the subject: lock screens show that. */
export function emailCode({ projectName, code }: { projectName: string; code: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `Your ${name} code`,
    heading: 'Your code',
    lead: [`Type this code where ${name} asks for it:`],
    code,
    after: [
      'It works once, for 10 minutes.',
      `Nobody at ${name} will ever ask you for it. If you did not ask for a code, ignore this mail.`,
    ],
  })
}
