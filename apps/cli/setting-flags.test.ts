import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { mergeFlags, settingFlags, withSettingFlags } from './setting-flags.js'
import { SETTING_OPTIONS } from './setting-options.generated.js'

function parse(...args: string[]): Record<string, unknown> | 'usage error' {
  const command = withSettingFlags(new Command()).exitOverride().configureOutput({ writeErr: () => undefined })
  try {
    command.parse(args, { from: 'user' })
  } catch {
    return 'usage error'
  }
  return settingFlags(command.opts())
}

const GOOD: Record<string, [string, unknown]> = { yes_no: ['no', false], text: ['x.example', 'x.example'], list: ['a, b', ['a', 'b']] }

describe.each(SETTING_OPTIONS.map((option) => [option.option, option] as const))(
  '--%s',
  (name, { kind, setting, choices, least, most }) => {
    test('a good value is sent under the name of the setting', () => {
      const [typed, read] = GOOD[kind] ?? (choices ? [choices[0]!, choices[0]] : [String(most), most])
      expect(parse(`--${name}`, typed)).toEqual({ [setting]: read })
    })

  const bad = {
    yes_no: ['maybe', '', '1'],
    choice: ['nope', ''],
    text: ['', ' '],
    list: [],
    integer: ['x', '', '1.5', '1e3', String((least ?? 1) - 1), String((most ?? 0) + 1)],
    duration: ['x', '', '5x', '5 m', '-5', '1.5h', 'NaN', String((least ?? 1) - 1), String((most ?? 0) + 1)],
  }[kind]
  test.each(bad)('%j is a usage error, and nothing is reset', (value) => {
    expect(parse(`--${name}`, value)).toBe('usage error')
  })
})

test('5m, 12h and 30d are times', () => {
  expect(parse('--access-token-ttl', '5m', '--session-idle', '30d', '--session-absolute', '12h')).toEqual({
    access_token_ttl_seconds: 300,
    session_idle_seconds: 2_592_000,
    session_absolute_seconds: 43_200,
  })
})

test('a setting given as an option and in --settings is refused', () => {
  expect(() => mergeFlags({ mfa: 'off' }, { mfa: 'required' })).toThrow(/mfa is given twice/)
})
