import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { permissionOfScope, scopeOf, type Permission } from '@portico/kernel/permissions'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ANY_KEY, NEEDS, NO_KEY, pathOf } from '../../apps/cli/needs.js'
import { buildProgram, runCli } from '../../apps/cli/program.js'

const document = parse(readFileSync(new URL('../../openapi/control-plane.yaml', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, { 'x-required-permission'?: Permission }>>
}
const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} }

function leaves(command: Command): Command[] {
  return command.commands.flatMap((child) =>
    child.name().startsWith('_') ? [] : child.commands.length > 0 ? leaves(child) : [child],
  )
}
const commands = new Map(leaves(buildProgram(io)).map((command) => [pathOf(command), command]))
const withKey = Object.entries(NEEDS).filter(([, needs]) => needs !== NO_KEY && needs !== ANY_KEY)

/** What a command asks for beside what it must be given. */
const ALSO: Readonly<Record<string, string[]>> = {
  'users update': ['--email-verified'],
  'users create': ['--email-verified'],
  'sessions end': ['--all'],
  'organizations update': ['--name', 'n'],
  'webhooks update': ['--enabled', 'yes'],
  'hooks set': ['--enabled', 'no'],
  'sso connections update': ['--enforce', 'no'],
  'directories update': ['--name', 'n'],
  'team update': ['--role', 'viewer'],
  'team roles update': ['--description', 'd'],
  'mail templates set': ['--subject', 's', '--text-file', 'package.json', '--html-file', 'package.json'],
  'auth update': ['--settings', '{"mfa": "optional"}'],
  'env set': ['NAME'],
  'audit retention': ['--days', '30'],
  run: ['--', 'true'],
}
const VALUES: Readonly<Record<string, string>> = {
  '--forward': 'localhost:1/hook',
  '--from': 'a@example.com',
  '--file': '-',
  '--since': '2026-11-29T00:00:00Z',
  '--types': 'user.created',
  '--permissions': 'users.read',
  '--scope': 'projects:read',
}
const WORDS: Readonly<Record<string, string>> = {
  email: 'a@example.com',
  locale: 'en',
  name: 'NAME',
  names: 'NAME',
  action: 'disable',
  file: 'package.json',
  provider: 'github',
  address: 'a@example.com',
  to: 'a@example.com',
}

let server: Server
let url: string
const asked: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? '/', 'http://x').pathname}`)
    response.writeHead(403, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { code: 'insufficient_scope', message: 'no' } }))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((closed) => server.close(closed)))

function lineOf(path: string, command: Command): string[] {
  const given = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => argument.argChoices?.[0] ?? WORDS[argument.name()] ?? '0190a000-0000-7000-8000-000000000001')
  const needed = command.options
    .filter(({ mandatory }) => mandatory)
    .flatMap((option) => [option.long!, option.argChoices?.[0] ?? VALUES[option.long!] ?? 'x'])
  const project = command.options.some(({ long }) => long === '--project') ? ['--project', 'proj_0190a000-0000-7000-8000-000000000002'] : []
  const yes = command.options.some(({ long }) => long === '--yes') ? ['--yes'] : []
  return [...path.split(' '), ...given, ...needed, ...project, ...yes, ...(ALSO[path] ?? [])]
}

/** The permission of the first thing that the command asks the control plane for. */
async function permissionAsked(path: string): Promise<string | undefined> {
  asked.length = 0
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  let said = ''
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said += chunk.toString()
      done()
    },
  })
  const stdin = Readable.from(['{}']) as unknown as NodeJS.ReadStream
  const env = { PORTICO_URL: url, PORTICO_API_KEY: 'msk_test_x', XDG_CONFIG_HOME: '/nonexistent' }
  await runCli(lineOf(path, commands.get(path)!), { stdin, stdout: silent, stderr, env })
  const first = asked[0]
  if (first === undefined) throw new Error(`portico ${path} asked for nothing: ${said}`)
  const [method = '', pathname = ''] = first.split(' ')
  for (const [template, operations] of Object.entries(document.paths)) {
    const form = new RegExp(`^/api/v1${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    const operation = form.test(pathname) ? operations[method.toLowerCase()] : undefined
    if (operation) return operation['x-required-permission']
  }
  throw new Error(`${first} is not documented`)
}

/** What is looked up before the change, where that needs less. */
const LOOKS_FIRST: Readonly<Record<string, string>> = { 'env unset': 'auth:read' }

describe('what each command needs', () => {
  test('is told of every command, and of nothing else', () => {
    expect([...commands.keys()].toSorted()).toEqual(Object.keys(NEEDS).toSorted())
    for (const [path, needs] of withKey) expect([path, permissionOfScope(needs)]).not.toEqual([path, null])
  })

  test.each(withKey)('portico %s needs %s', async (path, needs) => {
    const permission = await permissionAsked(path)
    expect(permission && scopeOf(permission as Permission)).toBe(LOOKS_FIRST[path] ?? needs)
    const help: string[] = []
    const command = commands.get(path)!
    command.configureOutput({ writeOut: (text) => void help.push(text) })
    command.outputHelp()
    expect(help.join('')).toContain(`scope ${needs} `)
  })
})

test('help walks to any command, and shows its own flags and those of every command', async () => {
  let shown = ''
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      shown += chunk.toString()
      done()
    },
  })
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const code = await runCli(['help', 'webhooks', 'replay'], { ...io, stdout, stderr: silent })
  expect(code).toBe(0)
  for (const text of ['portico webhooks replay', '--since <instant>', '--profile <name>', 'webhooks.manage']) expect(shown).toContain(text)
  expect(await runCli(['help', 'webhooks', 'nothing'], { ...io, stdout: silent, stderr: silent })).toBe(1)
})
