import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { wireNames } from './wire-names.js'

const ROOT = new URL('../../', import.meta.url).pathname

/** Names that are stored or standard, not the wire of an answer. */
const STORED_NAMES: Record<string, string> = {
  'libs/end-user/steps/change-address.ts': 'the outcome of a spent link, kept for a second press',
  'libs/end-user/steps/confirm-address.ts': 'the outcome of a spent link, kept for a second press',
  'libs/end-user/email/resend-confirmation.ts': 'outbox payload',
  'libs/end-user/email/undo-email-change.ts': 'outbox payload',
  'libs/end-user/invitations/invite-user.ts': 'outbox payload',
  'libs/end-user/steps/prove-address.ts': 'audit metadata',
  'libs/end-user/steps/mail/issue-mail.ts': 'what is kept of a mail for its retries',
  'libs/end-user/steps/token-issuer.ts': 'registered claims of an access token',
  'libs/end-user/ways-in/password/request-password-reset.ts': 'outbox payload',
}

/** Provider settings are stored in the words of the API; still to be told apart. This list only gets shorter. */
const NOT_YET: string[] = [
  'libs/platform/auth-providers/captcha.ts',
  'libs/platform/auth-providers/read-provider-input.ts',
  'libs/platform/auth-providers/set-provider.ts',
  'libs/platform/auth-providers/test-provider.ts',
  'libs/platform/auth-service/cancel-rotation.ts',
]

function useCaseFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(d|test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !/\/(dist|node_modules|records)\//.test(file))
}

describe('the wire is written at the doors', () => {
  test('the reader sees what is built, and not types, patterns, comments, strings or what is stored', () => {
    const source = `
      interface Row { end_user_id: string; created_at: Date | null }
      const { site_url: siteUrl } = project.settings // { not_this: 1 }
      const text = 'a { quoted_name: 1 }'
      await addToOutbox(tx, { kind: 'x', payload: { end_user_id: id } })
      function f(rows: { user_agent: string }[]) { return rows.map(({ user_agent: agent }) => ({ agent })) }
      return { user_id: user.id, ...(x ? { mfa_required: true as const } : {}) }`
    expect(wireNames(source).map(({ name }) => name)).toEqual(['user_id', 'mfa_required'])
  })

  test('no use case builds an object with the names of the wire', () => {
    const files = ['libs/end-user', 'libs/platform'].flatMap(useCaseFiles)
    const offenders = files.filter((file) => wireNames(readFileSync(join(ROOT, file), 'utf8')).length > 0)
    expect(offenders.toSorted()).toEqual([...Object.keys(STORED_NAMES), ...NOT_YET].toSorted())
  })

  test('no use case of an end user writes JSON for a caller', () => {
    const writing = useCaseFiles('libs/end-user').filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('JSON.stringify'))
    // A sealed ticket, and the size of what will be stored.
    expect(writing).toEqual(['libs/end-user/steps/link-ticket.ts', 'libs/end-user/steps/read-metadata.ts'])
  })
})
