import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { AddressInfo } from 'node:net'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmtpMail {
  from: string
  to: string[]
  /** The bytes as they came over the line. */
  raw: string
  secure: boolean
  user: string | null
}

/** What becomes of one session or mail. */
export type SmtpFault =
  /** The answer to RCPT TO. */
  | { kind: 'recipient'; code: number; text: string }
  | { kind: 'sender'; code: number; text: string }
  /** The answer after the mail's bytes. */
  | { kind: 'data'; code: number; text: string }
  /** The connection breaks before the mail is whole. */
  | { kind: 'death_in_data' }
  /** The mail is taken, the `250` never comes. */
  | { kind: 'lost_answer' }
  | { kind: 'slow'; ms: number }

export interface FakeSmtp {
  port: number
  user: string
  password: string
  /** Of the authority that signed its certificate; for `localhost`. */
  ca: string
  mails: SmtpMail[]
  logins: number
  connections: number
  next(count: number, fault: SmtpFault): void
  always(fault: SmtpFault | null): void
  /** What it takes as its password from now on. */
  setPassword(password: string): void
  close(): Promise<void>
}

let certificate: { key: string; cert: string } | null = null

/** A real SMTP server on loopback, with a certificate of its own. */
export async function startSmtpServer(options: SMTPServerOptions & { port?: number } = {}): Promise<FakeSmtp> {
  certificate ??= makeCertificate()
  const queued: SmtpFault[] = []
  let standing: SmtpFault | null = null
  let expected = 'correct horse'
  const state = { mails: [] as SmtpMail[], logins: 0, connections: 0 }
  const faultOf = (...kinds: SmtpFault['kind'][]) => {
    const next = queued[0] ?? standing
    if (!next || !kinds.includes(next.kind)) return null
    queued.shift()
    return next
  }
  const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code })
  const server = new SMTPServer({
    ...certificate,
    authMethods: ['PLAIN', 'LOGIN'],
    onConnect(_session, callback) {
      state.connections += 1
      callback()
    },
    onAuth({ username, password }, _session, callback) {
      state.logins += 1
      if (username !== 'portico' || password !== expected) return callback(refusal(535, '5.7.8 Authentication credentials invalid'))
      callback(null, { user: username })
    },
    onMailFrom(_address, _session, callback) {
      const fault = faultOf('sender')
      callback(fault?.kind === 'sender' ? refusal(fault.code, fault.text) : null)
    },
    onRcptTo(_address, _session, callback) {
      const fault = faultOf('recipient')
      callback(fault?.kind === 'recipient' ? refusal(fault.code, fault.text) : null)
    },
    onData(stream, session, callback) {
      const fault = faultOf('data', 'death_in_data', 'lost_answer', 'slow')
      const chunks: Buffer[] = []
      if (fault?.kind === 'death_in_data') return breakOff(server, session.remotePort)
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (fault?.kind === 'data') return callback(refusal(fault.code, fault.text))
        state.mails.push({
          from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
          secure: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
        })
        if (fault?.kind === 'lost_answer') return breakOff(server, session.remotePort)
        if (fault?.kind === 'slow') return void setTimeout(() => callback(null), fault.ms)
        callback(null)
      })
    },
    logger: false,
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((done) => server.listen(options.port ?? 0, '127.0.0.1', () => done()))
  return Object.assign(state, {
    port: (server.server.address() as AddressInfo).port,
    user: 'portico',
    password: expected,
    ca: certificate.cert,
    next: (count: number, fault: SmtpFault) => void queued.push(...Array.from({ length: count }, () => fault)),
    always: (fault: SmtpFault | null) => {
      standing = fault
      queued.length = 0
    },
    setPassword: (password: string) => void (expected = password),
    close: () =>
      new Promise<void>((done) => {
        for (const { _socket: socket } of socketsOf(server)) socket.destroy()
        server.close(() => done())
      }),
  })
}

interface OpenConnection {
  _socket: { destroy: () => void; remotePort?: number }
}

/** The server keeps them to itself; a test that lets a server die has to reach them. */
function socketsOf(server: SMTPServer): OpenConnection[] {
  return [...(server as unknown as { connections: Iterable<OpenConnection> }).connections]
}

function breakOff(server: SMTPServer, remotePort: number): void {
  for (const { _socket: socket } of socketsOf(server)) if (socket.remotePort === remotePort) socket.destroy()
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'smtp-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=CA:TRUE']
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      ...names,
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  )
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return made
}
