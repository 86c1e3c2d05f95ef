import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { wireNames } from './wire-names.js'

const ROOT = new URL('../../', import.meta.url).pathname

/**
 * Names that a standard gives (RFC 9068 and OpenID Connect Core, 2, name the claims of a token), and those of the table of settings.
 */
const STANDARD_NAMES = [
  // What an app is asked is a wire of its own.
  'libs/end-user/steps/hooks/hook-question.ts',
  'libs/end-user/steps/organization-claims.ts',
  'libs/end-user/steps/token-issuer.ts',
  'libs/platform/auth-service/settings-effects.ts',
]

function useCaseFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !/\.(d|test)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !/\/(dist|node_modules|records)\//.test(file))
}

describe('the wire is written at the doors', () => {
  test('the reader sees what is built, and not types, patterns, comments or strings', () => {
    const source = `
      interface Row { end_user_id: string; created_at: Date | null }
      const { site_url: siteUrl } = project.settings // { not_this: 1 }
      const text = 'a { quoted_name: 1 }'
      await addToOutbox(tx, { kind: 'x', payload: { end_user_id: id } })
      function f(rows: { user_agent: string }[]) { return rows.map(({ user_agent: agent }) => ({ agent })) }
      return { user_id: user.id, ...(x ? { mfa_required: true as const } : {}) }`
    expect(wireNames(source).map(({ name }) => name)).toEqual(['end_user_id', 'user_id', 'mfa_required'])
  })

  test('no use case names the field of a refusal as the wire does: the door does', () => {
    const files = ['libs/end-user', 'libs/platform'].flatMap(useCaseFiles)
    const offenders = files.filter((file) => /invalidField\(\s*['`][a-z]+_/.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(offenders).toEqual([])
  })

  test('no use case builds an object with the names of the wire', () => {
    const files = ['libs/end-user', 'libs/platform'].flatMap(useCaseFiles)
    const offenders = files.filter((file) => wireNames(readFileSync(join(ROOT, file), 'utf8')).length > 0)
    expect(offenders.toSorted()).toEqual(STANDARD_NAMES)
  })

  test('no use case of an end user writes JSON for a caller', () => {
    const writing = useCaseFiles('libs/end-user').filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('JSON.stringify'))
    // A claim with others inside, as an operator reads it; what an app is asked; a sealed ticket; the size of what will be stored.
    expect(writing.toSorted()).toEqual([
      'libs/end-user/sso/attempt-report.ts',
      'libs/end-user/steps/hooks/hook-answer.ts',
      'libs/end-user/steps/hooks/hook-question.ts',
      'libs/end-user/steps/link-ticket.ts',
      'libs/end-user/steps/read-metadata.ts',
    ])
  })
})
