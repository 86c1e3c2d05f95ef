import { expect, test } from 'vitest'
import { candidates } from './commands/completion.js'
import { buildProgram } from './program.js'

const program = buildProgram({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: {} })

test.each<[string[], string[]]>([
  [['da'], ['data']],
  [['data', 'auth', ''], ['apply', 'branding', 'captcha', 'diff', 'disable', 'enable', 'providers', 'rotate', 'status', 'update']],
  [['env', 'pull', '--format', 'd'], ['dotenv']],
  [['env', 'pull', '--pro'], ['--profile', '--project']],
  [['completion', 'z'], ['zsh']],
  [['webhooks', 're'], ['replay', 'replays', 'resend']],
  [['trigger', 'organization.c'], ['organization.changed', 'organization.created']],
  [['mail', 'sender', 'set', '--kind', 'r'], ['resend', 'resend_domain']],
  [['mail', ''], ['list', 'sender', 'suppressions', 'templates']],
  [['domains', ''], ['add', 'hand-over', 'list', 'main', 'remove', 'verify']],
  [['hooks', 'set', 'before'], ['before_password_change', 'before_sign_in', 'before_sign_up']],
  [['webhooks', 'list', '--te'], ['--tenant']],
  [['sso', ''], ['break-glass', 'connections', 'domains', 'keys', 'setup-links']],
  [['sso', 'connections', 'update', '--s'], [
    '--scopes', '--sign-requests', '--signed', '--slo-binding', '--slo-url', '--sso-url', '--state',
  ]],
  [['sso', 'connections', 'update', '--state', ''], ['active', 'draft', 'testing']],
  [['directories', 'tokens', ''], ['create', 'delete', 'list']],
  [['run', '--', 'no'], []],
  [['__'], []],
])('after portico %j come %j', (words, expected) => {
  expect(candidates(program, words)).toEqual(expected)
})

test('every command has a description, and every group of commands is complete', () => {
  const walk = (command: typeof program): string[] =>
    command.commands.flatMap((child) => [...(child.description() || child.name().startsWith('_') ? [] : [child.name()]), ...walk(child)])
  expect(walk(program)).toEqual([])
})
