import { expect, test } from 'vitest'
import { isLoopbackHost } from './loopback-host.js'

test.each([
  'localhost', 'localhost:4000', 'LOCALHOST:1', 'localhost.', 'app.localhost', 'a.b.localhost:65535', '127.0.0.1', '127.0.0.1:4000', '127.8.9.10', '[::1]', '[::1]:4000', '[0:0:0:0:0:0:0:1]',
])('%s names this machine', (host) => expect(isLoopbackHost(host)).toBe(true))

test.each([
  undefined, '', ' ', 'evil.example', 'evil.example:4000', 'localhost.evil.example', '127.0.0.1.evil.example', 'evillocalhost', 'localhost@evil.example', 'evil.example#localhost', '128.0.0.1', '0.0.0.0',
  '127.1.evil', '127.0.0.256', '10.0.0.1', '192.168.1.5:4000', '[::]', '[::2]', '[fe80::1]', '::1', 'localhost:', 'localhost:x', 'localhost:4000:1', 'localhost, evil.example', 'localhost/',
])('%s does not', (host) => expect(isLoopbackHost(host)).toBe(false))
