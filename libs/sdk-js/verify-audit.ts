/** The first thing that is wrong with an exported audit log. */
export interface AuditProblem {
  /** `signature`: a signed head says otherwise, or is none of the keys'. `truncated`: the export has no end. */
  kind: 'changed' | 'dropped' | 'inserted' | 'signature' | 'truncated'
  /** Of the row; of a truncated export the one that would come next. */
  seq: number
  /** Of the row, where it is there. */
  eventId: string | null
  message: string
}

export interface AuditVerdict {
  projectId: string
  /** Rows that were verified; all of them unless there is a `problem`. */
  rows: number
  /** Up to which row a signature vouches; 0: up to none. */
  signedTo: number
  /** Thumbprints (RFC 7638) of the keys that signed. */
  keys: string[]
  /** Whether those keys were given; else they are the export's own: compare their thumbprints with what the installation publishes. */
  keysGiven: boolean
  problem: AuditProblem | null
}

type Line = Record<string, unknown>
interface Jwk {
  kid?: string
  x?: string
  y?: string
}

const FIELDS = ['id', 'action', 'actor_type', 'actor_id', 'resource', 'resource_id', 'metadata', 'created_at'] as const

/**
 * Verifies an exported audit log (`GET /projects/{id}/audit-log/export`), line by line and without asking anybody: every row against its
 * place in the chain, the chain against the signed heads. Throws a TypeError for what is no such export.
 */
export async function verifyAuditExport(
  lines: AsyncIterable<string> | Iterable<string>,
  { keys: given }: { keys?: readonly object[] } = {},
): Promise<AuditVerdict> {
  const check = new AuditCheck(given as readonly Jwk[] | undefined)
  for await (const text of lines) {
    if (text.trim() === '') continue
    if (await check.take(read(text))) break
  }
  return check.verdict()
}

class AuditCheck {
  #projectId = ''
  #keys: readonly Jwk[] = []
  #head: Uint8Array = new Uint8Array()
  #rows = 0
  #signedTo = 0
  #ended = false
  #problem: AuditProblem | null = null
  readonly #signers = new Set<string>()
  readonly #heads = new Map<number, string>()

  constructor(private readonly given: readonly Jwk[] | undefined) {}

  /** Whether nothing more need be read. */
  async take(line: Line): Promise<boolean> {
    if (this.#projectId === '') return this.#begin(line)
    if (line['type'] === 'event' || line['type'] === 'stub') await this.#row(line)
    else if (line['type'] === 'signature') await this.#signature(line)
    else if (line['type'] === 'end') this.#end(line)
    else throw new TypeError(`This is no line of an audit export: ${JSON.stringify(line['type'])}.`)
    return this.#problem !== null
  }

  verdict(): AuditVerdict {
    if (this.#projectId === '') throw new TypeError('This is no audit export: it is empty.')
    if (!this.#problem && !this.#ended) this.#fail('truncated', this.#rows + 1, null, 'The export ends before its end.')
    return {
      projectId: this.#projectId, rows: this.#rows, signedTo: this.#signedTo, keys: [...this.#signers], keysGiven: this.given !== undefined,
      problem: this.#problem,
    }
  }

  async #begin(line: Line): Promise<boolean> {
    const { type, version, project_id: projectId, keys } = line
    if (type !== 'portico.audit' || version !== 1 || typeof projectId !== 'string' || !Array.isArray(keys))
      throw new TypeError('This is no audit export of this version.')
    this.#projectId = projectId
    this.#keys = this.given ?? (keys as Jwk[])
    this.#head = await sha256(bytes(`portico/audit/1 ${projectId.replace(/^proj_/, '')}`))
    return false
  }

  async #row(line: Line): Promise<void> {
    const [seq, id, expected] = [line['seq'], textOrNull(line['id']), this.#rows + 1]
    if (typeof seq !== 'number' || seq < expected) return this.#fail('inserted', Number(seq), id, `Row ${String(seq)} was inserted.`)
    if (seq > expected) return this.#fail('dropped', expected, null, `Row ${expected} was dropped.`)
    if (line['type'] === 'stub') return this.#fail('dropped', seq, id, `Row ${seq} is gone; its link in the chain is there.`)
    const commitment = hex(line['commitment'])
    if (!(await this.#isPersonal(line, commitment))) return this.#fail('changed', seq, id, `The address or user agent of row ${seq} was changed.`)
    const leaf = await sha256(join(bytes(FIELDS.map((name) => field(line[name])).join('')), commitment))
    const head = await sha256(join(this.#head, int8(seq), leaf))
    // A row that was changed, or one that was put in the place of another.
    if (toHex(leaf) !== line['leaf'] || toHex(head) !== line['head']) return this.#fail('changed', seq, id, `Row ${seq} was changed.`)
    this.#rows = seq
    this.#head = head
    this.#heads.set(seq, toHex(head))
  }

  /** What is personal in a row is committed to apart, so that it can be erased: then its salt is gone, and nothing may be in its place. */
  async #isPersonal(line: Line, commitment: Uint8Array): Promise<boolean> {
    const { ip, user_agent: agent, salt } = line
    if (salt === null) return ip === null && agent === null
    return toHex(await sha256(join(hex(salt), bytes(field(ip) + field(agent))))) === toHex(commitment)
  }

  async #signature(line: Line): Promise<void> {
    const { kid, payload } = (await verified(String(line['jws']), this.#keys)) ?? {}
    const seq = Number(payload?.['seq'] ?? line['seq'])
    if (!payload || !kid || payload['project'] !== this.#projectId || seq !== line['seq'])
      return this.#fail('signature', seq, null, `The signature of row ${seq} is none of these keys.`)
    if (seq > this.#rows) return this.#fail('dropped', this.#rows + 1, null, `Row ${this.#rows + 1} was dropped: a signature knows row ${seq}.`)
    if (this.#heads.get(seq) !== payload['head'])
      return this.#fail('signature', seq, null, `The rows up to ${seq} are not those that were signed: the chain was computed anew.`)
    this.#signers.add(kid)
    this.#signedTo = Math.max(this.#signedTo, seq)
  }

  #end(line: Line): void {
    this.#ended = true
    if (line['rows'] !== this.#rows || line['head'] !== (this.#rows === 0 ? null : toHex(this.#head)))
      this.#fail('dropped', this.#rows + 1, null, `Row ${this.#rows + 1} was dropped: the export speaks of ${String(line['rows'])}.`)
  }

  #fail(kind: AuditProblem['kind'], seq: number, eventId: string | null, message: string): void {
    this.#problem ??= { kind, seq, eventId, message }
  }
}

async function verified(jws: string, keys: readonly Jwk[]): Promise<{ kid: string; payload: Line } | null> {
  const [head = '', body = '', signature = ''] = jws.split('.')
  const header = tryJson(head)
  if (header?.['alg'] !== 'ES256' || header['typ'] !== 'portico-audit-head+jws') return null
  const jwk = keys.find(({ kid }) => kid === header['kid'])
  if (!jwk?.x || !jwk.y) return null
  // By its own thumbprint, never by a name that somebody else gave it.
  const kid = base64url(await sha256(bytes(`{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`)))
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, algorithm, false, ['verify'])
  const good = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, fromBase64url(signature), bytes(`${head}.${body}`))
  const payload = good ? tryJson(body) : null
  return payload && kid === header['kid'] ? { kid, payload } : null
}

function read(text: string): Line {
  const line: unknown = JSON.parse(text)
  if (typeof line !== 'object' || line === null) throw new TypeError('This is no line of an audit export.')
  return line as Line
}

function tryJson(part: string): Line | null {
  try {
    return read(new TextDecoder().decode(fromBase64url(part)))
  } catch {
    return null
  }
}

const textOrNull = (value: unknown) => (typeof value === 'string' ? value : null)

/** As the database writes it: the length in bytes and the text; a minus for none. */
function field(value: unknown): string {
  return value === null || value === undefined ? '-' : `${bytes(String(value)).length}:${String(value)}`
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

async function sha256(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data))
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function int8(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigInt64(0, BigInt(value))
  return new Uint8Array(view.buffer)
}

const toHex = (data: Uint8Array) => Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('')

function hex(value: unknown): Uint8Array {
  const pairs = typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value) ? value.match(/../g) : null
  return Uint8Array.from(pairs ?? [], (pair) => Number.parseInt(pair, 16))
}

function base64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0))
}
