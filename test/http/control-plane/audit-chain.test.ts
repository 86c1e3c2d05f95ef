import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MovableClock } from '@portico/kernel/clock'
import { parseId } from '@portico/kernel/ids'
import { SignAuditHeads } from '@portico/platform/audit/sign-audit-heads'
import { verifyAuditExport } from '@portico/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildProgram } from '../../../apps/cli/program.js'
import { makeProject, startControlPlane, type TestControlPlane } from '../../support/control-plane.js'
import { meteringOf, type TestMetering } from '../../support/metering.js'
import { testMasterKey } from '../../support/postgres.js'
import { connect, type Connection } from '../../support/sql.js'

/** The audit log of a project as a chain that anybody can check, and every way to tamper with it. */
let plane: TestControlPlane
let metering: TestMetering
let owner: Connection
let project: string
let uuid: string
const clock = new MovableClock()

beforeAll(async () => {
  plane = await startControlPlane()
  metering = meteringOf(plane.database, clock)
  owner = await connect(plane.database.url)
  project = await makeProject(plane, { enable: true })
  uuid = parseId('proj', project)!
  for (let i = 0; i < 6; i += 1) await plane.call('POST', `projects/${project}/users`, { email: `a${i}@example.com`, metadata: { 'ü "x"': [1, 2.5] } })
  await metering.settle()
  await new SignAuditHeads(metering.sql, clock, testMasterKey()).execute()
  await plane.call('POST', `projects/${project}/users`, { email: 'later@example.com' })
  await metering.settle()
})
afterAll(async () => {
  await metering?.close()
  await owner?.close()
  await plane?.stop()
})

type Line = Record<string, unknown> & { seq: number }
const exported = async () => {
  const { status, text } = await plane.call('GET', `projects/${project}/audit-log/export`)
  expect(status).toBe(200)
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as Line)
}
const verify = (lines: readonly object[], options?: Parameters<typeof verifyAuditExport>[1]) =>
  verifyAuditExport(lines.map((line) => JSON.stringify(line)), options)
const published = async () => (await plane.call('GET', 'audit-keys', undefined, { key: null })).body.keys as object[]

test('a log as it is verifies, up to its end, with the published key and with no network', async () => {
  const lines = await exported()
  const verdict = await verify(lines, { keys: await published() })
  expect(verdict).toMatchObject({ projectId: project, rows: 8, signedTo: 7, retired: 0, erased: 0, keysGiven: true, problem: null })
  expect(verdict.keys).toEqual((await published()).map((key) => (key as { kid: string }).kid))
  const actions = lines.filter(({ type }) => type === 'event').map(({ action }) => action)
  expect(actions).toEqual(['auth.enabled', ...Array<string>(7).fill('user.created')])
  expect((await verify(lines)).keysGiven).toBe(false)
})

const at = (lines: Line[], seq: number) => lines.findIndex((line) => line['type'] === 'event' && line.seq === seq)
const sha = (...parts: (string | Buffer)[]) => createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest()
const int8 = (seq: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(seq))
  return bytes
}
/** What somebody with the whole database could do: compute every link anew. */
const chainedAnew = (lines: Line[]): Line[] => {
  let head = sha(`portico/audit/1 ${uuid}`)
  let seq = 0
  const text = (value: unknown) => (value === null || value === undefined ? '-' : `${Buffer.byteLength(String(value))}:${String(value)}`)
  return lines.map((line) => {
    if (line['type'] === 'end') return { ...line, rows: seq, head: head.toString('hex') }
    if (line['type'] !== 'event') return line
    seq += 1
    const names = ['id', 'action', 'actor_type', 'actor_id', 'resource', 'resource_id', 'metadata', 'created_at']
    const fields = names.map((name) => text(line[name]))
    const commitment = sha(Buffer.from(String(line['salt']), 'hex'), text(line['ip']) + text(line['user_agent']))
    const leaf = sha(fields.join(''), commitment)
    head = sha(head, int8(seq), leaf)
    return { ...line, seq, commitment: commitment.toString('hex'), leaf: leaf.toString('hex'), head: head.toString('hex') }
  })
}
const edit = (field: string, value: unknown) => (lines: Line[]) =>
  lines.map((line, i) => (i === at(lines, 3) ? { ...line, [field]: value } : line))
const without = (seq: number) => (lines: Line[]) => lines.filter((_, i) => i !== at(lines, seq))
const other = '00000000-0000-4000-8000-000000000000'

const TAMPERINGS: Record<string, { by: (lines: Line[]) => Line[]; kind: string; seq: number }> = {
  ...Object.fromEntries(
    ['id', 'action', 'actor_type', 'actor_id', 'resource', 'resource_id', 'metadata', 'created_at', 'ip', 'user_agent'].map((field) => [
      `another ${field}`,
      { by: edit(field, other), kind: 'changed', seq: 3 },
    ]),
  ),
  'an address that is taken out, as if it had been erased': { by: edit('ip', null), kind: 'changed', seq: 3 },
  'a row and its leaf': { by: (lines) => lines.map((line, i) => (i === at(lines, 3) ? { ...chainedAnew([edit('action', 'user.deleted')(lines)[i]!])[0]!, seq: 3 } : line)), kind: 'changed', seq: 3 },
  'a dropped row': { by: without(4), kind: 'dropped', seq: 4 },
  'a dropped first row': { by: without(1), kind: 'dropped', seq: 1 },
  'a dropped last row': { by: without(8), kind: 'dropped', seq: 8 },
  'a dropped row, the others numbered anew': {
    by: (lines) => without(4)(lines).map((line) => (line['type'] === 'event' && line.seq > 4 ? { ...line, seq: line.seq - 1 } : line)),
    kind: 'changed',
    seq: 4,
  },
  'a row that is there two times': { by: (lines) => lines.toSpliced(at(lines, 3), 0, lines[at(lines, 3)]!), kind: 'inserted', seq: 3 },
  'a row that was made up': {
    by: (lines) => lines.toSpliced(at(lines, 5), 0, { ...lines[at(lines, 2)]!, seq: 5, id: other }),
    kind: 'changed',
    seq: 5,
  },
  'two rows that changed places': {
    by: (lines) => {
      const [a, b] = [at(lines, 3), at(lines, 4)]
      return lines.with(a, lines[b]!).with(b, lines[a]!)
    },
    kind: 'dropped',
    seq: 3,
  },
  'no end': { by: (lines) => lines.slice(0, -1), kind: 'truncated', seq: 9 },
  'the tail cut off behind another end': {
    by: (lines) => chainedAnew(lines.filter((line) => line['type'] !== 'event' || line.seq < 5)),
    kind: 'dropped',
    seq: 5,
  },
  'a whole chain computed anew over another row': { by: (lines) => chainedAnew(edit('actor_id', other)(lines)), kind: 'signature', seq: 7 },
  'a row added at the end, with a link and an end of its own': {
    by: (lines) => {
      const last = lines[at(lines, 8)]!
      const added = { ...last, seq: 9, id: other, action: 'user.deleted' }
      const chained = chainedAnew([...lines.slice(0, at(lines, 8) + 1), added, ...lines.slice(at(lines, 8) + 1)])
      return chained
    },
    kind: 'inserted',
    seq: 9,
  },
  'the tail cut off beyond the last signature, behind an end that was made up': {
    by: (lines) => chainedAnew(without(8)(lines)),
    kind: 'dropped',
    seq: 8,
  },
  'an end without its signature': {
    by: (lines) => lines.map((line) => (line['type'] === 'end' ? { ...line, jws: undefined } : line)),
    kind: 'signature',
    seq: 8,
  },
  'a row turned into a stub, as if retention had taken it away': {
    by: (lines) => lines.map((line, i) => (i === at(lines, 3) ? { type: 'stub', seq: 3, leaf: line['leaf'], head: line['head'] } : line)),
    kind: 'dropped',
    seq: 3,
  },
  'an address and its salt that are taken out, as if somebody had been erased': {
    by: (lines) => edit('salt', null)(edit('user_agent', null)(edit('ip', null)(lines))),
    kind: 'changed',
    seq: 3,
  },
  'a row behind the end': { by: (lines) => [...lines, { ...lines[at(lines, 8)]!, seq: 9 }], kind: 'inserted', seq: 9 },
  'a signature of another head': {
    by: (lines) => lines.map((line) => (line['type'] === 'signature' ? { ...line, jws: `${String(line['jws']).slice(0, -4)}AAAA` } : line)),
    kind: 'signature',
    seq: 7,
  },
  'the log of another project': { by: ([first, ...rest]) => [{ ...first!, project_id: `proj_${other}` }, ...rest], kind: 'changed', seq: 1 },
}

describe('tampering', () => {
  test.each(Object.entries(TAMPERINGS))('%s is found, and the first row of it named', async (_name, { by, kind, seq }) => {
    expect((await verify(by(await exported()))).problem).toMatchObject({ kind, seq })
  })

  test.each(['proj', 'tnt'] as const)('the end of another log (%s) does not end this one', async (kind) => {
    const second = kind === 'proj' ? await makeProject(plane, { enable: true }) : null
    await metering.settle()
    const { text } = await plane.call('GET', second ? `projects/${second}/audit-log/export` : 'audit-log/export')
    const end = JSON.parse(text.trimEnd().split('\n').at(-1)!) as Line
    const lines = await exported()
    expect((await verify([...lines.slice(0, -1), end], { keys: await published() })).problem).toMatchObject({ kind: 'signature' })
  })

  test('a key of the forger’s own in the export is not the published one', async () => {
    const lines = chainedAnew(edit('actor_id', other)(await exported()))
    const { publicKey } = { publicKey: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43), kid: 'forged' } }
    const forged = lines.map((line) => ('keys' in line ? { ...line, keys: [publicKey] } : line))
    expect((await verify(forged, { keys: await published() })).problem).toMatchObject({ kind: 'signature', seq: 7 })
  })

  test.each<[string, string, { kind: string; seq: number }]>([
    ['changed', `update auth.audit_event set action = 'user.deleted' where project_id = $1 and id = $2`, { kind: 'changed', seq: 2 }],
    ['deleted', 'delete from auth.audit_event where project_id = $1 and id = $2', { kind: 'dropped', seq: 2 }],
  ])('a row %s in the database is found', async (_what, statement, problem) => {
    const lines = await exported()
    const id = lines[at(lines, 2)]!['id']
    await owner.query('begin')
    await owner.query('create temp table if not exists kept as select * from auth.audit_event where false')
    await owner.query('insert into kept select * from auth.audit_event where project_id = $1 and id = $2', [uuid, id])
    await owner.query(statement, [uuid, id])
    await owner.query('commit')
    expect((await verify(await exported())).problem).toMatchObject(problem)
    await owner.query('delete from auth.audit_event where project_id = $1 and id = $2', [uuid, id])
    await owner.query('insert into auth.audit_event select * from kept where id = $1', [id])
    await owner.query('delete from kept')
    expect((await verify(await exported())).problem).toBeNull()
  })

  test.each([[[]], [['{}']], [['[1]']], [['{"type":"portico.audit","version":2,"project_id":"proj_x","keys":[]}']]])('%j is no export', async (lines) => {
    await expect(verifyAuditExport(lines)).rejects.toThrow(TypeError)
  })
})

test('`portico audit verify` says the same, and ends with 1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'))
  const write = (name: string, lines: readonly object[]) => {
    writeFileSync(join(folder, name), lines.map((line) => JSON.stringify(line)).join('\n'))
    return join(folder, name)
  }
  const lines = await exported()
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: await published() }))
  const said: string[] = []
  const out = { write: (text: string) => (said.push(text), true), isTTY: false }
  const run = (file: string) =>
    buildProgram({ stdin: process.stdin, stdout: out as never, stderr: out as never, env: {} }).parseAsync(
      ['node', 'portico', 'audit', 'verify', file, '--keys', join(folder, 'keys.json')],
    )
  await run(write('good.ndjson', lines))
  expect(said.join('')).toContain(`${project}: 8 rows, none changed, dropped or inserted; signed up to row 7; exported `)
  await expect(run(write('bad.ndjson', edit('action', 'user.deleted')(lines)))).rejects.toMatchObject({ code: 'audit_changed', message: 'Row 3 was changed.' })
})

test('each project has a chain of its own, and a key of another tenant does not read it', async () => {
  const second = await makeProject(plane, { enable: true })
  await metering.settle()
  const { text } = await plane.call('GET', `projects/${second}/audit-log/export`)
  expect(text).not.toContain(project)
  expect(await verifyAuditExport(text.split('\n'))).toMatchObject({ projectId: second, rows: 1, problem: null })
  const made = await plane.call('POST', 'tenants', { name: 'Other' })
  const stranger = await plane.call('GET', `projects/${project}/audit-log/export`, undefined, { key: made.body.data.api_key.key })
  expect(stranger.status).toBe(404)
})

test('heads are signed once a day, by however many workers at once', async () => {
  const count = async () => Number((await owner.query<{ n: string }>('select count(*) as n from auth.audit_signature where project_id = $1', [uuid]))[0]!.n)
  const before = await count()
  const signer = () => new SignAuditHeads(metering.sql, clock, testMasterKey()).execute()
  await signer()
  expect(await count()).toBe(before)
  clock.advanceSeconds(86_400)
  await Promise.all(Array.from({ length: 20 }, signer))
  expect(await count()).toBe(before + 1)
  expect(await verify(await exported(), { keys: await published() })).toMatchObject({ rows: 8, signedTo: 8, problem: null })
})
