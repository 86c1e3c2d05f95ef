import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Io } from './io.js'
import { Output, shown, table } from './output.js'

function capture() {
  const stdout = new PassThrough({ encoding: 'utf8' })
  const stderr = new PassThrough({ encoding: 'utf8' })
  return {
    io: { stdin: process.stdin, stdout, stderr, env: {} } satisfies Io,
    out: () => String(stdout.read() ?? ''),
    err: () => String(stderr.read() ?? ''),
  }
}

test('--json speaks the wire, and leaves what belongs to the app alone', () => {
  const { io, out } = capture()
  new Output(io, true).result({ authUrl: 'x', env: { AUTH_URL: 'x' }, metadata: { camelCase: 1 } }, () => 'text')
  expect(JSON.parse(out())).toEqual({ data: { auth_url: 'x', env: { AUTH_URL: 'x' }, metadata: { camelCase: 1 } } })
})

test('notes are for people: --json keeps them out', () => {
  const { io, err } = capture()
  new Output(io, true).note('next: …')
  expect(err()).toBe('')
})

test('a stranger’s name cannot drive the terminal', () => {
  expect(shown('\u001B[2Jada\u202E@example.com')).toBe('\uFFFD[2Jada\uFFFD@example.com')
  expect(table(['name'], [['a\nb']], 'none')).toBe('NAME\na\uFFFDb')
})

test('what takes longer than a second says so on stderr, what does not stays quiet', async () => {
  const { io, err, out } = capture()
  const output = new Output(io, false)
  await output.progress('Quick', Promise.resolve())
  await output.progress('Slow', sleep(1200))
  expect(err()).toBe('Slow …\n')
  expect(out()).toBe('')
})

test('with --json a pipe gets nothing but JSON, on stderr too', async () => {
  const { io, err } = capture()
  const output = new Output(io, true)
  await output.progress('Slow', sleep(1200))
  output.warn('the file was open to others')
  expect(JSON.parse(err())).toEqual({ warning: { message: 'the file was open to others' } })
})
