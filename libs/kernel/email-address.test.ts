import { describe, expect, test } from 'vitest'
import { ODD_ADDRESSES } from '../../test/support/odd-addresses.js'
import { addressSearchForms, parseEmailAddress, resemblingAddress } from './email-address.js'

describe('an email address', () => {
  test.each([
    ['  Ada@Example.COM ', 'Ada@example.com', 'ada@example.com'],
    ['ada+shop@example.com', 'ada+shop@example.com', 'ada+shop@example.com'],
    ['a.d.a@example.com', 'a.d.a@example.com', 'a.d.a@example.com'],
    ['ada@münchen.example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@MÜNCHEN.Example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@XN--MNCHEN-3YA.example', 'ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['ÄdÄ@example.com', 'ÄdÄ@example.com', 'ädä@example.com'],
    ["o'neil@example.com", "o'neil@example.com", "o'neil@example.com"],
    ['用户@例子.example', '用户@xn--fsqu00a.example', '用户@xn--fsqu00a.example'],
    ['a..da@docomo.ne.jp', 'a..da@docomo.ne.jp', 'a..da@docomo.ne.jp'],
    ['ada.@ezweb.ne.jp', 'ada.@ezweb.ne.jp', 'ada.@ezweb.ne.jp'],
    ['.a...da..@t.vodafone.ne.jp', '.a...da..@t.vodafone.ne.jp', '.a...da..@t.vodafone.ne.jp'],
  ])('%j is mailed as %j and compared as %j', (input, typed, normalised) => {
    expect(parseEmailAddress(input)).toEqual({ typed, normalised })
    expect(parseEmailAddress(normalised)).toEqual({ typed: normalised, normalised })
  })

  test.each(ODD_ADDRESSES)('%j is none, but looks like %j', (input, resembling) => {
    expect(parseEmailAddress(input)).toBeNull()
    expect(resemblingAddress(input)).toBe(resembling)
    expect(parseEmailAddress(resembling)?.normalised).toBe(resembling)
  })

  test.each([
    ['@münchen.example', ['@xn--mnchen-3ya.example', '@münchen.example']],
    ['Ada@MÜNCHEN.exa', ['ada@xn--mnchen-3ya.exa', 'ada@münchen.exa']],
    ['münchen', ['xn--mnchen-3ya', 'münchen']],
    ['ada@example.com.', ['ada@example.com', 'ada@example.com.']],
    ['ａｄａ@', ['ada@']],
    ['100%_', ['100%_']],
  ])('a search for %j looks for %j', (input, forms) => {
    expect(addressSearchForms(input)).toEqual(forms)
  })

  test.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@example',
    'ada@localhost',
    'ada@127.0.0.1',
    'a..da@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'ada@-example.com',
    'ada@exa_mple.com',
    'ada @example.com',
    'ada@example.com\r\nBcc: x@example.com',
    'ada@example.com, eve@example.com',
    '<ada@example.com>',
    '"ada"@example.com',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a.'.repeat(125)}com`,
    'ada@example.com\u0000',
    'ada@example..com',
    'a@b@c.com ',
    'ada@example.com/path',
    'ada@example.com?b',
    'ada@example.com#b',
    'ada@example%2ecom',
    'ada@example.com:25',
    'ada@example.com\\x',
    'ada@exam\tple.com',
    'ada@[127.0.0.1]',
    '..@docomo.ne.jp',
    'ada@xn--a.example',
    'ada@xn--abc-.example',
    '\u0308da@example.com',
  ])('%j is not one', (typed) => {
    expect(parseEmailAddress(typed)).toBeNull()
  })

  test('an endless input is refused without being read', () => {
    expect(parseEmailAddress(`${'a'.repeat(1_000_000)}@example.com`)).toBeNull()
  })
})
