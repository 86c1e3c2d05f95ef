import { bytes, field, fromHex, int8, joined, readLine, sha256, toHex, verifiedStatement, type Jwk, type Line } from './audit-bytes.js'

/** The first thing that is wrong with an exported audit log. */
export interface AuditProblem {
  /** `signature`: what was signed says otherwise, or is signed by none of the keys. `truncated`: the export has no end. */
  kind: 'changed' | 'dropped' | 'inserted' | 'signature' | 'truncated'
  /** Of the row; of a truncated export the one that would come next. */
  seq: number
  /** Of the row, where it is there. */
  eventId: string | null
  message: string
}

export interface AuditVerdict {
  /** Of a project's log. */
  projectId: string | null
  /** Of the log of a tenant itself. */
  tenantId: string | null
  /** The row before the first one: 0 unless this is a part of a log. */
  after: number
  /** Up to which row it was verified; to the last one unless there is a `problem`. */
  rows: number
  /** Rows among them that retention took away: their place in the chain is verified. */
  retired: number
  /** Rows among them whose personal fields an erasure destroyed. */
  erased: number
  /** Up to which row a daily signature vouches; 0: up to none. */
  signedTo: number
  /** When the export was made, as its signed end says. */
  exportedAt: string | null
  /** Thumbprints (RFC 7638) of the keys that signed. */
  keys: string[]
  /** Whether those keys were given; else they are the export's own: compare their thumbprints with what the installation publishes. */
  keysGiven: boolean
  problem: AuditProblem | null
}

const FIELDS = ['id', 'action', 'actor_type', 'actor_id', 'resource', 'resource_id', 'metadata', 'created_at'] as const
const OPERATORS: unknown[] = ['api_key', 'platform_user']
const TYPES = {
  head: 'portico-audit-head+jws',
  retention: 'portico-audit-retention+jws',
  export: 'portico-audit-export+jws',
  erasure: 'portico-erasure+jws',
}

/**
 * Verifies an exported audit log (`GET /projects/{id}/audit-log/export`, `GET /audit-log/export`), or the parts of one that a stream has
 * delivered, in their order, line by line and without asking anybody: every row against its place in the chain, the chain against what was
 * signed. Throws a TypeError for what is no such export.
 */
export async function verifyAuditExport(
  lines: AsyncIterable<string> | Iterable<string>,
  { keys: given }: { keys?: readonly object[] } = {},
): Promise<AuditVerdict> {
  const check = new AuditCheck(given as readonly Jwk[] | undefined)
  for await (const text of lines) if (text.trim() !== '') await check.take(readLine(text))
  return check.verdict()
}

class AuditCheck {
  #subject: { name: 'project' | 'tenant'; id: string } | null = null
  #keys: readonly Jwk[] = []
  /** The row before the first one of all parts, and of this part; the last one that was read of this part, and of all. */
  #after = 0
  #from = 0
  #at = 0
  #rows = 0
  #signedTo = 0
  #exportedAt: string | null = null
  #ended = false
  #problem: AuditProblem | null = null
  readonly #signers = new Set<string>()
  readonly #heads = new Map<number, string>()
  /** Rows that are gone, and people whose fields are: statements behind the rows must account for them. */
  readonly #stubs: number[] = []
  readonly #blanks: { seq: number; id: string | null; person: string }[] = []
  #retiredTo = 0
  readonly #erased = new Set<string>()

  constructor(private readonly given: readonly Jwk[] | undefined) {}

  async take(line: Line): Promise<void> {
    if (line['type'] === 'portico.audit') return this.#begin(line)
    if (!this.#subject) throw new TypeError('This is no audit export of this version.')
    if (line['type'] === 'retention' || line['type'] === 'erasure') await this.#statement(line)
    else if (this.#problem) return
    else if (line['type'] === 'event' || line['type'] === 'stub') await this.#row(line)
    else if (line['type'] === 'signature') await this.#signature(line)
    else if (line['type'] === 'end') await this.#end(line)
    else throw new TypeError(`This is no line of an audit export: ${JSON.stringify(line['type'])}.`)
  }

  verdict(): AuditVerdict {
    if (!this.#subject) throw new TypeError('This is no audit export: it is empty.')
    if (!this.#ended) this.#fail('truncated', this.#rows + 1, null, 'The export ends before its end.')
    const { name, id } = this.#subject
    return {
      projectId: name === 'project' ? id : null, tenantId: name === 'tenant' ? id : null, after: this.#after, rows: this.#rows,
      retired: new Set(this.#stubs).size, erased: new Set(this.#blanks.map(({ seq }) => seq)).size, signedTo: this.#signedTo,
      exportedAt: this.#exportedAt, keys: [...this.#signers], keysGiven: this.given !== undefined,
      problem: this.#unaccounted() ?? this.#problem,
    }
  }

  /** The first row that is gone without a statement, where it comes before any other problem. */
  #unaccounted(): AuditProblem | null {
    const stub = this.#stubs.find((seq) => seq > this.#retiredTo)
    const blank = this.#blanks.find(({ person }) => !this.#erased.has(person))
    const seq = Math.min(stub ?? Infinity, blank?.seq ?? Infinity)
    if (seq === Infinity || (this.#problem && this.#problem.seq <= seq)) return null
    return seq === stub
      ? { kind: 'dropped', seq, eventId: null, message: `Row ${seq} was dropped: no retention took it away. Its link in the chain is there.` }
      : { kind: 'changed', seq, eventId: blank!.id, message: `The address or user agent of row ${seq} was taken out, and not by an erasure.` }
  }

  async #begin(line: Line): Promise<void> {
    const { version, keys } = line
    const name = line['tenant_id'] === undefined ? 'project' : 'tenant'
    const id = line[`${name}_id`]
    const after = line['after'] as { seq?: unknown; head?: unknown } | undefined
    if (version !== 1 || typeof id !== 'string' || !Array.isArray(keys) || typeof after?.seq !== 'number')
      throw new TypeError('This is no audit export of this version.')
    const genesis = toHex(await sha256(bytes(`portico/audit/1 ${id.replace(/^(proj|tnt)_/, '')}`)))
    const head = after.seq === 0 ? genesis : String(after.head)
    if (this.#subject) this.#goOn(id, after.seq, head)
    else {
      this.#subject = { name, id }
      this.#keys = this.given ?? (keys as Jwk[])
      this.#after = this.#rows = after.seq
      this.#heads.set(after.seq, head)
    }
    this.#from = this.#at = after.seq
  }

  /** Another part of the same log: it goes on where the one before ended, or repeats some of it, since a part may be delivered twice. */
  #goOn(id: string, seq: number, head: string): void {
    if (id !== this.#subject!.id) throw new TypeError('These are parts of several logs: verify each by itself.')
    if (!this.#ended) this.#fail('truncated', this.#rows + 1, null, 'A part ends before its end.')
    else if (seq > this.#rows)
      this.#fail('dropped', this.#rows + 1, null, `Row ${this.#rows + 1} was dropped: the next part begins behind it.`)
    else if (this.#heads.get(seq) !== head) this.#fail('changed', seq, null, `The next part goes on from another row ${seq}.`)
    this.#ended = false
  }

  async #row(line: Line): Promise<void> {
    const [seq, id, expected] = [line['seq'], textOrNull(line['id']), this.#at + 1]
    if (typeof seq !== 'number' || this.#ended || seq < expected)
      return this.#fail('inserted', Number(seq), id, `Row ${String(seq)} was inserted.`)
    if (seq > expected) return this.#fail('dropped', expected, null, `Row ${expected} was dropped.`)
    const isStub = line['type'] === 'stub'
    const commitment = fromHex(line['commitment'])
    if (!isStub && !(await this.#isPersonal(line, seq, commitment)))
      return this.#fail('changed', seq, id, `The address or user agent of row ${seq} was changed.`)
    const fields = joined(bytes(FIELDS.map((name) => field(line[name])).join('')), commitment)
    const leaf = isStub ? fromHex(line['leaf']) : await sha256(fields)
    const head = toHex(await sha256(joined(fromHex(this.#heads.get(this.#at)), int8(seq), leaf)))
    // A row that was changed, one that was put in the place of another, or one that another part has otherwise.
    if (toHex(leaf) !== line['leaf'] || head !== line['head'] || (this.#heads.get(seq) ?? head) !== head)
      return this.#fail('changed', seq, id, `Row ${seq} was changed.`)
    if (isStub) this.#stubs.push(seq)
    this.#at = seq
    this.#rows = Math.max(this.#rows, seq)
    this.#heads.set(seq, head)
  }

  /** What is personal in a row is committed to apart, so that it can be erased: then its salt is gone, and nothing may be in its place. */
  async #isPersonal(line: Line, seq: number, commitment: Uint8Array): Promise<boolean> {
    const { ip, user_agent: agent, salt, actor_type: by } = line
    if (salt !== null) return toHex(await sha256(joined(fromHex(salt), bytes(field(ip) + field(agent))))) === toHex(commitment)
    const isAbout = line['resource'] === 'end_user' && !OPERATORS.includes(by)
    const person = by === 'end_user' ? line['actor_id'] : isAbout ? line['resource_id'] : null
    if (ip !== null || agent !== null || typeof person !== 'string') return false
    this.#blanks.push({ seq, id: textOrNull(line['id']), person })
    return true
  }

  async #signature(line: Line): Promise<void> {
    const payload = await this.#signed(line, 'head')
    const seq = Number(payload?.['seq'] ?? line['seq'])
    if (!payload || seq !== line['seq']) return this.#fail('signature', seq, null, `The signature of row ${seq} is none of these keys.`)
    if (seq > this.#at) return this.#fail('dropped', this.#at + 1, null, `Row ${this.#at + 1} was dropped: a signature knows row ${seq}.`)
    // About rows of an earlier part.
    if (seq < this.#after) return
    if (this.#heads.get(seq) !== payload['head'])
      return this.#fail('signature', seq, null, `The rows up to ${seq} are not those that were signed: the chain was computed anew.`)
    this.#signedTo = Math.max(this.#signedTo, seq)
  }

  /** Says why rows are gone, or what was in them. */
  async #statement(line: Line): Promise<void> {
    const kind = line['type'] as 'retention' | 'erasure'
    const payload = await this.#signed(line, kind)
    if (!payload) return this.#fail('signature', this.#rows, null, `A statement about ${kind} is signed by none of these keys.`)
    if (kind === 'erasure') return void this.#erased.add(String(payload['user']))
    const seq = Number(payload['seq'])
    const known = this.#heads.get(seq)
    if (known !== undefined && known !== payload['head'])
      return this.#fail('signature', seq, null, `The rows up to ${seq} are not those that retention took away: the chain was computed anew.`)
    this.#retiredTo = Math.max(this.#retiredTo, seq)
  }

  async #end(line: Line): Promise<void> {
    this.#ended = true
    const payload = await this.#signed(line, 'export')
    if (!payload) return this.#fail('signature', this.#at, null, 'The end of the export is signed by none of these keys.')
    const { from, seq, head, at } = payload
    if (Number(seq) > this.#at) return this.#fail('dropped', this.#at + 1, null, `Row ${this.#at + 1} was dropped: the export had ${String(seq)}.`)
    if (Number(seq) < this.#at)
      return this.#fail('inserted', Number(seq) + 1, null, `Row ${Number(seq) + 1} was inserted: the export had ${String(seq)}.`)
    if (head !== (this.#at === 0 ? '' : this.#heads.get(this.#at)) || from !== this.#from || line['rows'] !== seq)
      return this.#fail('signature', this.#at, null, 'The end of the export is that of another one.')
    this.#exportedAt = textOrNull(at)
  }

  /** The payload of a statement about this log. */
  async #signed(line: Line, kind: keyof typeof TYPES): Promise<Line | null> {
    const { kid, payload } = (await verifiedStatement(line['jws'], TYPES[kind], this.#keys)) ?? {}
    if (!kid || !payload || payload[this.#subject!.name] !== this.#subject!.id) return null
    this.#signers.add(kid)
    return payload
  }

  #fail(kind: AuditProblem['kind'], seq: number, eventId: string | null, message: string): void {
    this.#problem ??= { kind, seq, eventId, message }
  }
}

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)
