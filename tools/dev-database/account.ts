import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Account {
  uid: number
  gid: number
}

/** PostgreSQL refuses to run as root, so root runs it as the owner of the cluster, for a new one as `postgres` or `nobody`. */
export async function unprivilegedAccount(cluster: string): Promise<Account> {
  for (const path of [cluster, dirname(cluster)]) {
    const owner = await stat(path).catch(() => null)
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  }
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const entry = accounts.find((fields) => fields[0] === name)
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a `postgres` nor a `nobody` account to run it as. Start as another account or set DATABASE_URL.')
}

export async function everyoneMayEnter(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}
