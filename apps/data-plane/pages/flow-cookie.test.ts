import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { FlowCookie } from './flow-cookie.js'

const value = 'v'.repeat(43)

function written(cookie: FlowCookie, crossSitePost: boolean): string {
  let line = ''
  cookie.set({ header: (_name: string, text: string) => (line = text) } as unknown as FastifyReply, 'state', value, crossSitePost)
  return line
}

const read = (cookie: FlowCookie, header: string, state = 'state') =>
  cookie.read({ headers: { cookie: header } } as unknown as FastifyRequest, state)

test('is host-bound, secure, out of reach of scripts, and crosses sites only for providers that post', () => {
  const cookie = new FlowCookie('https://auth.example')
  expect(written(cookie, false)).toMatch(
    new RegExp(`^__Host-portico-flow-[\\w-]{12}=${value}; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$`),
  )
  expect(written(cookie, true)).toMatch(/; Secure; SameSite=None$/)
  expect(written(new FlowCookie('http://127.0.0.1:4100'), true)).toMatch(
    /^portico-flow-[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
  )
})

test('each flow has its own, and only its own counts', () => {
  const cookie = new FlowCookie('https://auth.example')
  const pair = written(cookie, false).split(';')[0]!
  expect(read(cookie, `other=1; ${pair}`)).toBe(value)
  expect(read(cookie, pair, 'another state')).toBeNull()
  expect(read(cookie, pair.replace('__Host-', ''))).toBeNull()
  expect(read(cookie, pair.replace(value, 'short'))).toBeNull()
  expect(read(cookie, '')).toBeNull()
})
