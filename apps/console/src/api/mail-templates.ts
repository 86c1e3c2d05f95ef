import { queryOptions } from '@tanstack/react-query'
import { portico } from './portico.js'

export interface TemplateInfo {
  name: string
  title: string
  when: string
  /** Besides `app` and `locale`. */
  variables: readonly string[]
}

/** What can be said in words of one's own (docs/mail.md); test/console holds the names against the API. */
export const TEMPLATES: readonly TemplateInfo[] = [
  { name: 'confirm_email', title: 'Confirm the address', when: 'After a sign-up.', variables: ['link', 'code'] },
  {
    name: 'sign_in',
    title: 'Sign-in link or code',
    when: 'For who signs in without a password; either may be empty.',
    variables: ['link', 'code'],
  },
  { name: 'password_reset', title: 'Password reset', when: 'Somebody forgot it.', variables: ['link'] },
  { name: 'password_changed', title: 'Password was changed', when: 'A notice.', variables: ['reset_link'] },
  { name: 'invitation', title: 'Invitation', when: 'You or your server invited somebody.', variables: ['link'] },
  {
    name: 'organization_invitation',
    title: 'Invitation to an organization',
    when: 'The link may be empty, where no page of the app is known.',
    variables: ['link', 'organization_name'],
  },
  { name: 'account_recovery', title: 'Way back in', when: 'An operator opened it.', variables: ['link'] },
  { name: 'sign_up_attempt', title: 'Sign-up with a known address', when: 'To who has an account already.', variables: ['link'] },
  { name: 'email_change', title: 'Confirm a new address', when: 'To the new one.', variables: ['link', 'new_address'] },
  {
    name: 'email_change_notice',
    title: 'Address is changing',
    when: 'To the old one; the link takes it back.',
    variables: ['link', 'new_address'],
  },
  {
    name: 'new_device',
    title: 'New device',
    when: 'A session began on one; the link puts everybody out.',
    variables: ['link', 'device'],
  },
  { name: 'security_notice', title: 'Security notice', when: 'Something happened to the account: a factor, a passkey, a session.', variables: ['notice'] },
]

export const templatesKey = (projectId: string) => ['project', projectId, 'mail-templates']

export const templatesQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...templatesKey(projectId), 'in-use'],
    queryFn: ({ signal }) => portico.mail.listTemplates(projectId, { signal }),
  })

export const versionsQuery = (projectId: string, template: string, locale: string) =>
  queryOptions({
    queryKey: [...templatesKey(projectId), template, locale],
    queryFn: ({ signal }) => portico.mail.templateVersions(projectId, template, locale, { signal }),
  })

