/** What a mailed link is for; the same words as in the links. */
export type MailPagePurpose = 'password_reset' | 'email_confirm' | 'email_change' | 'email_change_undo'

export interface MailPageText {
  title: string
  lead: string
  button: string
  done: string
}

export const MAIL_PAGES: Readonly<Record<MailPagePurpose, MailPageText>> = {
  password_reset: {
    title: 'Choose a new password',
    lead: 'Everybody who is signed in to your account will be signed out.',
    button: 'Set the new password',
    done: 'Your password is changed. Sign in with it in the app.',
  },
  email_confirm: {
    title: 'Confirm your email address',
    lead: 'This confirms that the address is yours.',
    button: 'Confirm',
    done: 'Your email address is confirmed. Go back to the app and sign in.',
  },
  email_change: {
    title: 'Change your email address',
    lead: 'From then on this is the address of your account. The one it has now gets a mail about it.',
    button: 'Use the new address',
    done: 'Your account has the new email address. Sign in with it from now on.',
  },
  email_change_undo: {
    title: 'Keep your email address',
    lead: 'This takes the change of your email address back, signs the account out everywhere and turns its password off.',
    button: 'Keep my address',
    done: 'Your address stays as it was, and everybody was signed out. We mailed you a link to set a new password: whoever asked for the change may know the old one.',
  },
}

export function readMailPurpose(text: string): MailPagePurpose | null {
  return Object.hasOwn(MAIL_PAGES, text) ? (text as MailPagePurpose) : null
}
