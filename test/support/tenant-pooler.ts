import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * In front of a server as poolers of many tenants are (Supavisor): a connection is taken for `role.tenant` alone, and goes on as `role`.
 * What is told to it stands in `users`.
 */
export async function startTenantPooler(target: { host: string; port: number }, tenant: string) {
  const sockets = new Set<Socket>()
  const users = new Set<string>()
  const server = createServer((socket) => {
    const onward = dial(target.port, target.host)
    for (const each of [socket, onward]) {
      sockets.add(each)
      each.on('error', () => undefined)
      each.on('close', () => {
        sockets.delete(each)
        for (const other of [socket, onward]) other.destroy()
      })
    }
    socket.once('data', (first) => {
      const user = /user\0([^\0]*)\0/.exec(first.toString('latin1'))?.[1] ?? ''
      users.add(user)
      if (!user.endsWith(`.${tenant}`)) return refuse(socket, 'XX000', 'Tenant or user not found')
      onward.write(withUser(first, user.slice(0, -tenant.length - 1)))
      socket.pipe(onward).pipe(socket)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    users,
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** StartupMessage: its length, the version, then names and values, each ended by a zero. */
function withUser(message: Buffer, user: string): Buffer {
  const text = message.subarray(4).toString('latin1').replace(/user\0[^\0]*\0/, `user\0${user}\0`)
  const length = Buffer.alloc(4)
  length.writeInt32BE(text.length + 4)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}

/** Refuses the start of every connection with this. */
export async function startRefuser(code: string, message: string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => refuse(socket, code, message))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() }
}

function refuse(socket: Socket, code: string, message: string): void {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  socket.end(Buffer.concat([head, Buffer.from(fields)]))
}
