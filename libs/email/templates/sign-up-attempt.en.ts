import { layOut, printableName } from '../layout.js'
import type { RenderedMail } from '../message.js'

/** Private sign-up on an address that has an account: only its owner learns that. The link leads to a password reset. */
export function signUpAttempt({ projectName, link }: { projectName: string; link: string }): RenderedMail {
  const name = printableName(projectName)
  return layOut({
    projectName,
    subject: `You already have a ${name} account`,
    heading: 'You already have an account',
    lead: [
      `Somebody, hopefully you, tried to sign up for ${name} with this address. There is an account already, so nothing was changed.`,
      'Log in with your password. If you have forgotten it, choose a new one:',
    ],
    action: { label: 'Choose a new password', url: link },
    after: ['The link works once, for 60 minutes.', 'If it was not you, ignore this mail.'],
  })
}
