import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface TestAuthority {
  /** PEM of its own certificate. */
  caFile: string
  /** A server's key and certificate for these names (`DNS:localhost`, `IP:127.0.0.1`). */
  issue(...names: string[]): Promise<{ key: string; cert: string; keyFile: string; certFile: string }>
  drop(): Promise<void>
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** An authority that nobody knows. */
export async function makeAuthority(): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-authority-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args, { cwd: folder })
  await openssl('req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority')
  let issued = 0
  return {
    caFile: at('ca.pem'),
    issue: async (...names) => {
      issued += 1
      const [keyFile, certFile] = [at(`${issued}.key`), at(`${issued}.pem`)]
      const about = ['-subj', '/CN=server', '-addext', `subjectAltName=${names.join(',')}`, '-addext', 'basicConstraints=critical,CA:FALSE']
      await openssl('req', '-x509', '-CA', 'ca.pem', '-CAkey', 'ca.key', ...NEW_KEY, '-keyout', keyFile, '-out', certFile, ...about)
      return { keyFile, certFile, key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') }
    },
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}
