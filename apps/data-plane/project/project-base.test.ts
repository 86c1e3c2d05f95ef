import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { projectBaseOf, rewriteProjectUrl } from './project-base.js'

const ID = '0b9d7a1e-3c5f-4e2a-8d1b-6f7a8b9c0d1e'

function rewrite(url: string, publicPath = '') {
  const request = { url } as IncomingMessage
  return { url: rewriteProjectUrl(request, publicPath), base: projectBaseOf(request) }
}

test.each([
  [`/proj_${ID}/login?x=1`, '/auth/login?x=1', `/proj_${ID}`],
  [`/${ID}/sessions/1`, '/auth/sessions/1', `/${ID}`],
  [`/app-auth/sandbox/proj_${ID}/login`, '/auth/login', `/app-auth/sandbox/proj_${ID}`],
  [`/proj_${ID}/app-auth/project/ext%2F1/login`, '/auth/login', `/proj_${ID}`],
])('%s is a route of its project', (url, routed, path) => {
  expect(rewrite(url)).toMatchObject({ url: routed, base: { kind: 'id', projectId: ID, path } })
})

test('the path of the public URL is taken off, or was by the proxy, and stays in the cookie path', () => {
  for (const url of [`/portal/proj_${ID}/login`, `/proj_${ID}/login`]) {
    expect(rewrite(url, '/portal')).toEqual({
      url: '/auth/login',
      base: { kind: 'id', projectId: ID, path: `/portal/proj_${ID}`, resource: null },
    })
  }
})

test('anything else is the root of a custom domain, and routes of the process are no project', () => {
  for (const url of ['/login', '/auth/login', `//proj_${ID}/login`, `/proj_${ID}`, `/proj_${ID}?/login`, `/app-auth/project/${ID}`, '*']) {
    expect([url, rewrite(url).base]).toEqual([url, { kind: 'host' }])
  }
  expect(rewrite('/health/live?x')).toEqual({ url: '/health/live?x', base: null })
  expect(rewrite('/health/live/x').base).toEqual({ kind: 'host' })
})
