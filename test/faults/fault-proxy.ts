import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type ProxyFault =
  | { kind: 'none' }
  /** Every chunk waits this long, each way. */
  | { kind: 'delay'; ms: number }
  /** Connections stay open and new ones are taken, but nothing passes. */
  | { kind: 'black_hole' }
  /** New connections are reset. */
  | { kind: 'refuse' }
  /** Open connections are ended with the next thing they ask, new ones before they log in, by the server's word (FATAL) with this code. */
  | { kind: 'refuse_with'; code: string; message: string }
  /** Each connection is reset once this many bytes have come back from the server. */
  | { kind: 'cut_after'; bytes: number }
  /** PostgreSQL ends each connection (FATAL 57P01) in the same packet as its `answer`-th «ready for query». */
  | { kind: 'terminate_with'; answer: number }

export interface FaultProxy {
  port: number
  /** From now on, for connections that are open as well. */
  set(fault: ProxyFault): void
  /** Resets every open connection. */
  cutAll(): void
  /** Chunks that clients sent, as they pass. */
  onClientData(listener: (connection: number, chunk: Buffer) => void): void
  close(): Promise<void>
}

// Protocol 3.0: ReadyForQuery without its last byte, the state of the transaction; and the ErrorResponse to a session that an administrator
// ends.
const READY = Buffer.from([0x5a, 0, 0, 0, 5])
const TERMINATED = fatal('57P01', 'terminating connection due to administrator command')

function fatal(code: string, message: string): Buffer {
  return errorResponse({ S: 'FATAL', V: 'FATAL', C: code, M: message })
}

function errorResponse(fields: Record<string, string>): Buffer {
  const body = Buffer.from(`${Object.entries(fields).map(([code, value]) => `${code}${value}\0`).join('')}\0`)
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A TCP proxy on loopback that can be told to misbehave. */
export async function startFaultProxy(target: { host: string; port: number }): Promise<FaultProxy> {
  let fault: ProxyFault = { kind: 'none' }
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  const listeners: ((connection: number, chunk: Buffer) => void)[] = []
  let connections = 0

  const server = createServer({ allowHalfOpen: false }, (client) => {
    if (fault.kind === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const id = (connections += 1)
    const upstream = connect(target)
    let returned = 0
    let answers = 0
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    const pass = (from: Socket, to: Socket, chunk: Buffer): void => {
      const write = () => void (to.destroyed || to.write(chunk))
      if (fault.kind === 'black_hole') held.push(write)
      else if (fault.kind === 'refuse_with') {
        if (to === upstream) from.end(fatal(fault.code, fault.message))
      } else if (fault.kind === 'delay') setTimeout(write, fault.ms)
      else if (fault.kind === 'cut_after' && from === upstream && (returned += chunk.length) > fault.bytes) client.resetAndDestroy()
      else if (
        fault.kind === 'terminate_with' &&
        from === upstream &&
        chunk.subarray(-READY.length - 1, -1).equals(READY) &&
        (answers += 1) === fault.answer
      ) {
        to.end(Buffer.concat([chunk, TERMINATED]))
      } else write()
    }
    client.on('data', (chunk) => {
      for (const listener of listeners) listener(id, chunk)
      pass(client, upstream, chunk)
    })
    upstream.on('data', (chunk) => pass(upstream, client, chunk))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))

  return {
    port: (server.address() as AddressInfo).port,
    set: (next) => {
      fault = next
      // What a black hole swallowed is delivered late, as after a network partition.
      if (next.kind === 'none') for (const write of held.splice(0)) write()
    },
    cutAll: () => {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    onClientData: (listener) => void listeners.push(listener),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
