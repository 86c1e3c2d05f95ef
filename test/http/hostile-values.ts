/** What a client of any kind may put where a value belongs: by accident, by another language's idea of JSON, or to see what breaks. */

const CONTROL = '\u0001\u0007\u001b[31m\u007f\u0085\u2028'
const LONE = '\ud800'

/** Instead of any text. */
export const TEXTS: readonly string[] = [
  '', ' ', '\0', 'a\0b', LONE, `a${LONE}b`, '\udfff', '\r\n', 'a\r\nSet-Cookie: a=b', CONTROL, '\u202e\ufeff\u200b', '\ufffd', '😀'.repeat(80), 'x'.repeat(300), 'x'.repeat(20_000),
  '%0d%0a', '%00', '%ff', '%2e%2e', '%2f', '../..', '\\', "' or 1=1 --", '"', '<script>', '__proto__', 'constructor', 'toString', 'null', 'NaN', '-1', '1e999', '9'.repeat(40),
  '00000000-0000-0000-0000-000000000000', 'proj_00000000-0000-0000-0000-000000000000',
  '0000-00-00', '0001-01-01T00:00:00Z', '+275760-09-13T00:00:00Z', '9999-12-31T23:59:60Z', '2026-02-30T00:00:00Z', '1'.repeat(20),
  '@', 'a@b', 'a@[127.0.0.1]', 'a@xn--.example', `${'x'.repeat(250)}@a.example`,
  'https://', 'http://[::1', 'https://a b/', 'javascript:alert(1)', 'https://xn--/', 'https://user:pass@a.example/', 'https://a.example/\r\nx', 'https://a.example:99999/', 'oidc:', 'oidc:\r\n',
  'a.b.c', 'eyJhbGciOiJIUzI1NiJ9.bnVsbA.x', 'e30.e30.', '.', '..',
]

/** Instead of any value of a JSON body. `Raw` stands in the text as it is. */
export const JSON_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53,
  [],
  [[]],
  [null],
  [''],
  ['a', 'a'],
  [{}],
  ['\0'],
  [LONE],
  {},
  { a: null },
  { '': '' },
  { toString: null, valueOf: 1 },
  { '\0': 1 },
  { [LONE]: 1 },
  Array.from({ length: 2_000 }, () => 0),
  nested(60),
  ...TEXTS,
]

/** Numbers that JSON.parse reads and JSON.stringify never writes. */
export const RAW_JSON: readonly string[] = ['1e999', '-1e999', '-0', '12345678901234567890', '1E400']

/** The whole body, as text. */
export const BODIES: readonly string[] = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '7',
  '"x"',
  '{',
  '{"a":1,"a":2}',
  '{"__proto__":{}}',
  '{"constructor":{"prototype":{}}}',
  '\ufeff{}',
  '{"":""}',
  '[{}]',
  'a=b',
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
]

/** Parts of a path or query, percent-encoded as they travel. */
export const ENCODED: readonly string[] = [
  ...new Set([
    ...TEXTS.filter((text) => text !== '' && text.length <= 300 && text.isWellFormed()).map(encodeURIComponent),
    'x'.repeat(3_000),
  ]),
  '%0d%0a',
  '%0D%0Ax',
  '%00',
  'a%00b',
  '%ff',
  '%c0%af',
  '%ED%A0%80',
  '%F5',
  '%2e%2e',
  '%2E%2E%2F',
  '%2f',
  '%5c',
  '%',
  '%z',
  '%zz',
  '%u0000',
  'a%',
  '+',
  '%20',
  '%09',
  '%7f',
  '%E2%80%A8',
  '.',
  '..',
  ';',
  '@',
  '*',
  '|',
]

/** Values that a client can put into a header at all (RFC 9110, 5.5), and some that it should not. */
export const HEADERS: readonly string[] = [
  '',
  ' ',
  'x',
  ',',
  ';',
  '=',
  '"',
  '\\',
  '\t',
  '\u00ff',
  '\u0080',
  'x'.repeat(3_000),
  '%0d%0a',
  '%00',
  '../..',
  '-1',
  '1e999',
  '__proto__',
  'Bearer',
  'Bearer ',
  'Bearer \u00ff',
  'Basic OjpcMDA=',
  'Bearer a.b.c',
  'Bearer e30.e30.e30',
  '*',
  'a=b; a=c',
  '::',
  '[::1]:x',
  '"a", W/"b"',
]

/** What any kind of field may stumble over: they stand in every one. */
export const BREAKS_ANY: ReadonlySet<unknown> = new Set<unknown>([
  null,
  0,
  '',
  1e308,
  'a\0b',
  LONE,
  'a\r\nSet-Cookie: a=b',
  CONTROL,
  'x'.repeat(300),
  '__proto__',
  JSON_VALUES.find((value) => Array.isArray(value) && value.length === 0),
  JSON_VALUES.find((value) => typeof value === 'object' && value !== null && 'toString' in value && value.toString === null),
  encodeURIComponent(CONTROL),
  '%0d%0a',
  '%00',
  '%ff',
  '%2e%2e',
  '%2f',
  '%',
])

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i += 1) value = { a: value }
  return value
}
