import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './redis-server.js'

export interface RedisNode {
  port: number
  client: Redis
  kill(): Promise<void>
}

export interface RedisShape {
  url: string
  nodes: RedisNode[]
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
/** After this long without an answer a node is given up, in milliseconds. */
const DOWN_AFTER = '1000'
const SLOTS = 16_384

const isOnPath = (program: string) => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
/** Valkey where this machine has it. */
const SERVER = isOnPath('valkey-server') ? 'valkey-server' : 'redis-server'

/** A process of the store with these arguments, which answers. */
export async function startNode(port: number, args: readonly string[], options: object = {}): Promise<RedisNode> {
  const child: ChildProcess = spawn(SERVER, args, { stdio: 'ignore' })
  const exited = new Promise<void>((done) => child.once('close', () => done()))
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  void exited.then(() => process.off('exit', killWithUs))
  const client = new Redis({ host: HOST, port, retryStrategy: () => 30, maxRetriesPerRequest: null, ...options })
  client.on('error', () => undefined)
  await client.ping()
  return {
    port,
    client,
    kill: async () => {
      client.disconnect()
      child.kill('SIGKILL')
      await exited
    },
  }
}

export interface ShapeOptions {
  /** TLS, as arguments of redis-server; then no port is open without it. */
  args?: readonly string[]
  /** How the test itself connects. */
  client?: object
}

const memoryOnly = (port: number, { args }: ShapeOptions) => {
  const listens = args ? ['--port', '0', '--tls-port', String(port), ...args] : ['--port', String(port)]
  return [...listens, '--bind', HOST, '--save', '', '--appendonly', 'no']
}

async function inFolder(make: (folder: string) => Promise<Omit<RedisShape, 'stop'>>): Promise<RedisShape> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-redis-'))
  const made = await make(folder)
  return {
    ...made,
    stop: async () => {
      await Promise.all(made.nodes.map((node) => node.kill()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A pair of ports that a cluster takes for one node: its own, and that plus 10,000 for the others. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port < 55_000) return port
  }
}

/** Three primaries with a replica each: the first three of `nodes`, then theirs in the same order. */
export function startCluster(options: ShapeOptions = {}): Promise<RedisShape> {
  return inFolder(async (folder) => {
    const nodes = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const port = await clusterPort()
        const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', DOWN_AFTER, '--cluster-config-file', `nodes-${index}.conf`]
        return startNode(port, [...memoryOnly(port, options), '--dir', folder, ...own], options.client)
      }),
    )
    const [first] = nodes
    const share = Math.ceil(SLOTS / 3)
    await Promise.all(
      nodes.slice(0, 3).map(({ client }, index) => {
        const slots = Array.from({ length: Math.min(share, SLOTS - index * share) }, (_, n) => index * share + n)
        return client.cluster('ADDSLOTS', slots)
      }),
    )
    for (const { client } of nodes.slice(1)) await client.cluster('MEET', HOST, first!.port)
    const infos = () => Promise.all(nodes.map(({ client }) => client.cluster('INFO')))
    await until(async () => (await infos()).every((info) => /known_nodes:6/.test(String(info))))
    for (const [index, { client }] of nodes.slice(3).entries()) {
      const primary = String(await nodes[index]!.client.cluster('MYID'))
      await until(() => client.cluster('REPLICATE', primary).then(() => true, () => false))
    }
    await until(async () => (await infos()).every((info) => /cluster_state:ok/.test(String(info))))
    const copies = () => Promise.all(nodes.slice(3).map(({ client }) => client.info('replication')))
    await until(async () => (await copies()).every((info) => /master_link_status:up/.test(info)))
    return { nodes, url: `${options.args ? 'rediss' : 'redis'}-cluster://${nodes.slice(0, 3).map(({ port }) => `${HOST}:${port}`).join(',')}` }
  })
}

/** A primary, its replica, and three sentinels that watch them: `nodes` in this order. */
export function startSentinel(options: ShapeOptions = {}): Promise<RedisShape> {
  return inFolder(async (folder) => {
    const [one, two, ...watching] = await Promise.all(Array.from({ length: 5 }, () => freePort()))
    const primary = await startNode(one!, [...memoryOnly(one!, options), '--dir', folder], options.client)
    const follows = [...memoryOnly(two!, options), '--dir', folder, '--replicaof', HOST, String(one)]
    const replica = await startNode(two!, follows, options.client)
    await until(async () => /master_link_status:up/.test(await replica.client.info('replication')))
    const sentinels = await Promise.all(
      watching.map(async (port) => {
        const file = join(folder, `sentinel-${port}.conf`)
        const tls = (options.args ?? []).join(' ').split('--').filter((line) => line !== '')
        const lines = [
          ...(options.args ? ['port 0', `tls-port ${port}`, ...tls] : [`port ${port}`]), `bind ${HOST}`, `dir ${folder}`, `sentinel monitor main ${HOST} ${one} 2`,
          `sentinel down-after-milliseconds main ${DOWN_AFTER}`, 'sentinel failover-timeout main 3000',
        ]
        await writeFile(file, `${lines.join('\n')}\n`)
        return startNode(port, [file, '--sentinel'], options.client)
      }),
    )
    const known = () => Promise.all(sentinels.map(({ client }) => client.call('SENTINEL', 'SENTINELS', 'main')))
    await until(async () => (await known()).every((others) => (others as unknown[]).length === 2))
    return {
      nodes: [primary, replica, ...sentinels],
      url: `${options.args ? 'rediss' : 'redis'}-sentinel://${watching.map((port) => `${HOST}:${port}`).join(',')}?master=main`,
    }
  })
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('the servers did not find each other')
    await sleep(50)
  }
}
