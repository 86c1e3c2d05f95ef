import type { PlatformDb } from '@portico/database/platform-db'
import type { Clock } from '@portico/kernel/clock'
import type { Entropy } from '@portico/kernel/entropy'
import type { CreateApiKey } from '@portico/platform/api-keys/create-api-key'
import { DecideDeviceLogin } from '@portico/platform/device-login/decide-device-login'
import { RedeemDeviceLogin } from '@portico/platform/device-login/redeem-device-login'
import { StartDeviceLogin } from '@portico/platform/device-login/start-device-login'

export interface DeviceParts {
  platformDb: PlatformDb
  clock: Clock
  entropy: Entropy
  publicUrl: string
}

/** `portico login`: a program asks, a person decides, the program gets a key. */
export function makeDeviceUseCases({ platformDb, clock, entropy, publicUrl }: DeviceParts, createApiKey: CreateApiKey) {
  return {
    startDeviceLogin: new StartDeviceLogin(platformDb, clock, entropy, publicUrl),
    decideDeviceLogin: new DecideDeviceLogin(platformDb, clock),
    redeemDeviceLogin: new RedeemDeviceLogin(platformDb, clock, createApiKey),
  }
}
