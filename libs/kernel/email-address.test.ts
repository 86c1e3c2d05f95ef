import { describe, expect, test } from 'vitest'
import { parseEmailAddress } from './email-address.js'

describe('an email address', () => {
  test.each([
    ['  Ada@Example.COM ', 'ada@example.com'],
    ['ada+shop@example.com', 'ada+shop@example.com'],
    ['a.d.a@example.com', 'a.d.a@example.com'],
    ['ada@münchen.example', 'ada@xn--mnchen-3ya.example'],
    ['ａｄａ@example.com', 'ada@example.com'], // full-width letters fold under NFKC
    ['ädä@example.com', 'ädä@example.com'],
    ["o'neil@example.com", "o'neil@example.com"],
  ])('%j is compared as %j', (typed, normalised) => {
    expect(parseEmailAddress(typed)).toEqual({ typed: typed.trim(), normalised })
  })

  test.each(['', 'ada', '@example.com', 'ada@', 'ada@example', 'ada@localhost', 'ada@127.0.0.1', 'a..da@example.com', '.ada@example.com', 'ada.@example.com',
    'ada@-example.com', 'ada@exa_mple.com', 'ada @example.com', 'ada@example.com\r\nBcc: x@example.com', 'ada@example.com, eve@example.com', '<ada@example.com>',
    '"ada"@example.com', `${'a'.repeat(65)}@example.com`, `ada@${'a.'.repeat(125)}com`, 'ada@example.com\u0000', 'ada@example..com', 'a@b@c.com ',
    'ada@example.com/path', 'ada@example.com?b', 'ada@example.com#b', 'ada@example%2ecom', 'ada@example.com:25', 'ada@example.com\\x', 'ada@exam\tple.com', 'ada@[127.0.0.1]'])(
    '%j is not one',
    (typed) => {
      expect(parseEmailAddress(typed)).toBeNull()
    },
  )

  test('an endless input is refused without being read', () => {
    expect(parseEmailAddress(`${'a'.repeat(1_000_000)}@example.com`)).toBeNull()
  })
})
