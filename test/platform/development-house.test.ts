import { request } from 'node:http'
import { listRoutes } from '@portico/http/route-table'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProduct, type RunningProduct } from '../support/running-product.js'
import { makeProject, startControlPlane } from '../support/control-plane.js'

let product: RunningProduct
beforeAll(async () => {
  product = await startProduct({ ownClocks: true })
})
afterAll(() => product?.stop())

const planes = () => ({ 'control plane': product.controlUrl, 'data plane': product.dataUrl, worker: product.workerUrl })

function ask(url: string, method: string, host: string | null, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((done, fail) => {
    const { hostname, port, pathname } = new URL(url)
    const headers = { ...(host !== null && { host }), ...(body !== undefined && { 'content-type': 'application/json' }) }
    const sent = request({ hostname, port, path: pathname, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => done({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

async function move(url: string, seconds: number): Promise<number> {
  const { status, text } = await ask(`${url}/__test/clock`, 'POST', null, JSON.stringify({ advance_seconds: seconds }))
  expect(status, text).toBe(200)
  return Date.parse((JSON.parse(text) as { now: string }).now)
}

describe('routes for development', () => {
  test('are there on every process', () => {
    const paths = listRoutes(product.control.plane.app).map((route) => route.path)
    expect(paths.filter((path) => /^\/(dev|__test)\//.test(path)).toSorted()).toEqual([
      '/__test/clock',
      '/dev/inbox',
      '/dev/inbox.json',
      '/dev/inbox/:mailId',
    ])
  })

  test.each(['control plane', 'data plane', 'worker'] as const)('answer loopback names alone: %s', async (name) => {
    const url = planes()[name]
    const routes =
      name === 'control plane'
        ? [
            ['GET', '/dev/inbox'],
            ['GET', '/dev/inbox.json'],
            ['HEAD', '/dev/inbox'],
            ['POST', '/__test/clock'],
          ]
        : [['POST', '/__test/clock']]
    for (const [method = '', path = ''] of routes) {
      const body = method === 'POST' ? '{"advance_seconds":0}' : undefined
      for (const host of ['localhost', 'localhost:1', '127.0.0.1:4000', '127.9.9.9', '[::1]:4000', 'app.localhost']) {
        expect((await ask(url + path, method, host, body)).status, `${path} ${host}`).toBe(path === '/dev/inbox' ? 302 : 200)
      }
      for (const host of [
        'evil.example',
        'evil.example:4000',
        'localhost.evil.example',
        '127.0.0.1.nip.io',
        '192.168.1.9:4000',
        '0.0.0.0',
      ]) {
        const { status, text } = await ask(url + path, method, host, body)
        expect([status, method === 'HEAD' ? '' : text], `${path} ${host}`).toEqual([
          403,
          method === 'HEAD' ? '' : expect.stringContaining('"forbidden"'),
        ])
      }
    }
  })
})

describe('the test clock', () => {
  test.each(['control plane', 'data plane', 'worker'] as const)('moved at one process moves all three: %s', async (name) => {
    const before = await move(product.controlUrl, 0)
    await move(planes()[name], 3_600)
    for (const [other, url] of Object.entries(planes())) {
      const moved = (await move(url, 0)) - before
      expect(moved, other).toBeGreaterThanOrEqual(3_600_000)
      expect(moved, other).toBeLessThan(3_630_000)
    }
  })

  test('mails that a plane owes in its future are sent, as the worker is there too', async () => {
    const id = await makeProject(product.control, { enable: true })
    await move(product.controlUrl, 86_400)
    const email = 'future@example.com'
    const signedUp = await fetch(`${product.dataUrl}/${id}/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: 'correct horse battery 9!' }),
    })
    expect(signedUp.status).toBe(201)
    await product.resend.waitForMail((mail) => mail.to.includes(email))
  })

  test('a process that starts later is where the others are, and both move on together', async () => {
    const before = await move(product.controlUrl, 0)
    const second = await startControlPlane({ beside: product.control })
    try {
      expect(Math.abs((await move(second.url, 0)) - before)).toBeLessThan(30_000)
      await move(second.url, 600)
      expect((await move(product.workerUrl, 0)) - before).toBeGreaterThanOrEqual(600_000)
    } finally {
      await second.stop()
    }
  })
})
