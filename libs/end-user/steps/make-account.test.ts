import type { ProjectTx } from '@portico/database/project-db'
import type { ProjectRecord } from '@portico/database/project-directory'
import { expect, test } from 'vitest'
import { makeAccount } from './make-account.js'

const tx = { query: () => Promise.resolve([]) } as unknown as ProjectTx
const user = { id: '1', address: { normalised: 'a@example.com', typed: 'a@example.com' }, emailVerified: true, now: new Date(0) }
const make = (method: string, signUpsPaused: ProjectRecord['signUpsPaused']) =>
  makeAccount(tx, { signUpsPaused, hooks: {}, settings: {} } as unknown as ProjectRecord, user, { method, approval: null })

// Everything that makes an account but operators does it here; a password sign-up asks the same before.
const WAYS = ['magic_link', 'email_otp', 'google', 'saml', 'oidc', 'invitation']
test.each(WAYS)('%s makes no account while a limit is reached', async (method) => {
  for (const limit of ['max_people', 'max_monthly_active'] as const)
    await expect(make(method, limit)).rejects.toMatchObject({ code: 'signups_disabled', details: [{ field: limit }] })
})
