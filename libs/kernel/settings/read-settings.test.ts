import { describe, expect, test } from 'vitest'
import { AuthError } from '../auth-error.js'
import { DEFAULT_SETTINGS } from './project-settings.js'
import { mergeSettings, readSettings, resolveSettings } from './read-settings.js'

const refusal = (body: Record<string, unknown>) => {
  try {
    readSettings(body)
  } catch (error) {
    if (error instanceof AuthError) return { code: error.code, fields: error.details?.map((detail) => detail.field) }
    throw error
  }
  return null
}

describe('the settings object', () => {
  test.each([
    [{ signup_enabled: false }, { allow_signups: false }],
    [{ allowSignups: false }, { allow_signups: false }],
    [{ provider: 'email' }, { providers: ['email'] }],
    [{ email_confirm_required: true }, { require_email_confirmation: true }],
    [{ token_expiry_sec: 600 }, { access_token_ttl_seconds: 600 }],
    [{ allow_signups: true, signup_enabled: true }, { allow_signups: true }],
  ])('%j is read as %j', (body, read) => {
    expect(readSettings(body)).toEqual(read)
  })

  test('two names of one setting that disagree are refused', () => {
    expect(refusal({ allow_signups: true, signup_enabled: false })).toEqual({ code: 'conflicting_settings', fields: ['signup_enabled'] })
  })

  test('every bad field is named at once', () => {
    expect(
      refusal({ allow_signups: 'yes', access_token_ttl_seconds: 59, providers: ['nope'], colour: 'red', limits: { login: {} } }),
    ).toEqual({
      code: 'validation_error',
      fields: ['allow_signups', 'access_token_ttl_seconds', 'providers', 'colour', 'limits'],
    })
  })

  test.each(['', 'two words', 'ä', 'x'.repeat(256), 7, ['a']])('%j is no audience', (audience) => {
    expect(refusal({ token_audience: audience })?.fields).toEqual(['token_audience'])
  })

  test('tokens are of type JWT without an audience until a project says otherwise', () => {
    expect(DEFAULT_SETTINGS).toMatchObject({ token_type_header: 'JWT', token_audience: null })
    expect(readSettings({ token_type_header: 'at+jwt', token_audience: 'urn:x' })).toEqual({
      token_type_header: 'at+jwt',
      token_audience: 'urn:x',
    })
    expect(refusal({ token_type_header: 'jwt' })?.fields).toEqual(['token_type_header'])
  })

  test.each([
    'http://app.example',
    'javascript:alert(1)',
    'https://user:pass@app.example',
    'https://app.example/#x',
    '//app.example',
    'https://',
    'app.example',
    'ftp://app.example',
  ])('%s is no site_url', (url) => {
    expect(refusal({ site_url: url })?.fields).toEqual(['site_url'])
  })

  test.each(['https://app.example/path', 'https://app.example?x=1', 'null', '*', 'https://*.app.example'])('%s is no origin', (origin) => {
    expect(refusal({ allowed_origins: [origin] })?.fields).toEqual(['allowed_origins'])
  })

  test('http is good enough on localhost, and a trailing slash of an origin is dropped', () => {
    expect(readSettings({ site_url: 'http://localhost:3000', allowed_origins: ['https://App.example/'] })).toEqual({
      site_url: 'http://localhost:3000',
      allowed_origins: ['https://app.example'],
    })
  })

  test('null restores a default, other overrides stay', () => {
    const stored = mergeSettings(
      {},
      readSettings({ refresh_grace_seconds: 5, password_min_length: 12, limits: { login_account: { points: 3, window_seconds: 60 } } }),
    )
    const changed = mergeSettings(stored, readSettings({ refresh_grace_seconds: null, limits: { login_account: null } }))
    expect(resolveSettings(changed)).toEqual({ ...DEFAULT_SETTINGS, password_min_length: 12 })
  })

  test('names that live on Object.prototype are unknown fields like any other', () => {
    expect(refusal(JSON.parse('{"constructor": 1, "toString": 2, "__proto__": 3}'))?.fields).toEqual([
      'constructor',
      'toString',
      '__proto__',
    ])
  })
})
