import type { PlatformDb } from '@portico/database/platform-db'
import { onPlatform } from '../platform-errors.js'

export interface DeviceLoginRow {
  id: string
  userCode: string
  clientName: string
  ip: string | null
  userAgent: string | null
  state: string
  intervalSeconds: number
  polledAt: Date | null
  tenantId: string | null
  decidedBy: string | null
  scopes: string[]
  createdAt: Date
  expiresAt: Date
}

export type NewDeviceLogin = Omit<DeviceLoginRow, 'state' | 'polledAt' | 'tenantId' | 'decidedBy' | 'scopes'> & {
  deviceDigest: Uint8Array<ArrayBuffer>
}

const COLUMNS = {
  id: true,
  userCode: true,
  clientName: true,
  ip: true,
  userAgent: true,
  state: true,
  intervalSeconds: true,
  polledAt: true,
  tenantId: true,
  decidedBy: true,
  scopes: true,
  createdAt: true,
  expiresAt: true,
} as const

/** Expired ones go with it: nothing else needs to come by for them. */
export function insertDeviceLogin(db: PlatformDb, login: NewDeviceLogin, goneBefore: Date): Promise<unknown> {
  return onPlatform(() =>
    db.$transaction([
      db.deviceLogin.deleteMany({ where: { expiresAt: { lt: goneBefore } } }),
      db.deviceLogin.create({ data: { ...login, state: 'pending', scopes: [] } }),
    ]),
  )
}

export function findDeviceLoginByCode(db: PlatformDb, userCode: string): Promise<DeviceLoginRow | null> {
  return onPlatform(() => db.deviceLogin.findUnique({ where: { userCode }, select: COLUMNS }))
}

export function findDeviceLoginByDevice(db: PlatformDb, deviceDigest: Uint8Array<ArrayBuffer>): Promise<DeviceLoginRow | null> {
  return onPlatform(() => db.deviceLogin.findUnique({ where: { deviceDigest }, select: COLUMNS }))
}

/** Of several who decide at once one does. Answers whether this one did. */
export async function decideDeviceLogin(
  db: PlatformDb,
  id: string,
  decision: { state: 'approved' | 'denied'; tenantId: string; decidedBy: string | null; scopes: string[]; now: Date },
): Promise<boolean> {
  const { now, ...data } = decision
  const { count } = await onPlatform(() => db.deviceLogin.updateMany({ where: { id, state: 'pending', expiresAt: { gt: now } }, data }))
  return count === 1
}

/** Of several who fetch at once one gets it. */
export async function spendDeviceLogin(db: PlatformDb, id: string, now: Date): Promise<boolean> {
  const spent = await onPlatform(() =>
    db.deviceLogin.updateMany({ where: { id, state: 'approved', expiresAt: { gt: now } }, data: { state: 'redeemed' } }),
  )
  return spent.count === 1
}

export async function noteDevicePoll(db: PlatformDb, id: string, now: Date, intervalSeconds: number): Promise<void> {
  await onPlatform(() => db.deviceLogin.updateMany({ where: { id }, data: { polledAt: now, intervalSeconds } }))
}
