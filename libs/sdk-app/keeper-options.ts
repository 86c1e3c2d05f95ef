import type { Connection } from './connection.js'
import type { AuthStorage } from './storage.js'

export interface KeeperOptions {
  connection: Connection
  storage: AuthStorage
  storageKey: string
  cookieMode: boolean
  autoRefresh: boolean
}
