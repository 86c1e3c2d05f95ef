import { readUserAgent } from '@portico/kernel/user-agent'
import type { StartedDeviceLogin } from '@portico/platform/device-login/start-device-login'
import type { DeviceLoginRow } from '@portico/platform/records/device-login.store'

/** The names of RFC 8628, 3.2. */
export function deviceCodeAnswer(started: StartedDeviceLogin) {
  return {
    device_code: started.deviceCode,
    user_code: started.userCode,
    verification_uri: started.verificationUri,
    verification_uri_complete: `${started.verificationUri}?user_code=${started.userCode}`,
    expires_in: started.expiresInSeconds,
    interval: started.intervalSeconds,
  }
}

/** Who asks, for the person who decides. */
export function deviceLoginAnswer(login: DeviceLoginRow) {
  return {
    user_code: login.userCode,
    client_name: login.clientName,
    state: login.state,
    ip: login.ip,
    device: readUserAgent(login.userAgent),
    created_at: login.createdAt.toISOString(),
    expires_at: login.expiresAt.toISOString(),
  }
}
