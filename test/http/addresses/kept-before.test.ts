import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMailFixture } from '../../support/mail-fixture.js'

const MIGRATION = readFileSync(new URL('../../../prisma/migrations/20261129232500_plain_addresses/migration.sql', import.meta.url), 'utf8')

test('addresses that were kept in another form are mailed in the compared one, and what a mail to another mailbox proved is not proven', async () => {
  const mail = await createMailFixture()
  try {
    const kept = [
      ['ada@corp.example', 'adª@corp.example', 'ada@corp.example', false],
      ['kevin@corp.example', '\u212aevin@corp.example', 'kevin@corp.example', false],
      ['eve@xn--mnchen-3ya.example', 'Eve@münchen.example', 'eve@xn--mnchen-3ya.example', true],
      ['bob@corp.example', 'Bob@Corp.example', 'Bob@Corp.example', true],
      ['ädä@corp.example', 'ädä@corp.example', 'ädä@corp.example', true],
    ] as const
    for (const [email, typed] of kept) await mail.addUser({ email, typed, verified: true })
    await mail.owner.query(MIGRATION)
    const rows = await mail.owner.query<{ email: string; email_typed: string; verified: boolean }>(
      'select email, email_typed, email_verified_at is not null as verified from auth.end_user',
    )
    for (const [email, , typed, verified] of kept) expect(rows).toContainEqual({ email, email_typed: typed, verified })
  } finally {
    await mail.close()
  }
})
