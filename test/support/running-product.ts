import { createLogger } from '@portico/http/request-log'
import { listen } from '@portico/http/start-app'
import { MovableClock } from '@portico/kernel/clock'
import { startWorker } from '../../apps/worker/wiring.js'
import { createDataPlane } from '../../apps/data-plane/plane.js'
import { startControlPlane, type TestControlPlane } from './control-plane.js'
import { linkIn, startFakeResend, type FakeMail, type FakeResend } from './fake-resend.js'
import { workerConfig } from './mail-fixture.js'
import { forServices, testMasterKey } from './postgres.js'
import { freePort } from './redis-server.js'
import { closeApp } from './close-app.js'
import { QUICK_FEED_MS } from './quick-feed.js'

export interface RunningProduct {
  controlUrl: string
  dataUrl: string
  /** Bootstrap key: every scope. */
  key: string
  control: TestControlPlane
  resend: FakeResend
  /** Where the worker answers. */
  workerUrl: string
  /** The token in the link of the newest mail to `address` whose subject matches. */
  mailedLink(address: string, subject: RegExp): Promise<URL>
  stop(): Promise<void>
}

export interface ProductOptions {
  /** Host name in the data plane's public URL; `localhost` for browsers. */
  dataPlaneHost?: string
  /** `inbox`: no key for Resend, mails wait in the development inbox. Default `resend`: a fake one takes them. */
  mail?: 'resend' | 'inbox'
  /** Of the installation's webhook at Resend. */
  resendWebhookSecret?: string
  /** A fake siteverify. */
  captchaVerifyUrl?: string
  /** Of the data plane and the worker together, so that mails of its future are sent in it. */
  clock?: MovableClock
  /** A clock of its own for each process, as when they are started, which one `POST /__test/clock` moves together. */
  ownClocks?: boolean
  /** Between two looks of the worker at which SAML connections are due. */
  certificatesMs?: number
  /** How many proxies before the data plane are believed for a client's address (0). */
  trustedProxyHops?: number
  /** Instead of the DNS, in both planes. */
  txtRecords?: { txt(name: string): Promise<string[]> }
  /** The lines of the data plane. */
  dataLog?: (line: string) => void
}

/** Both planes and the worker in this process, on real Postgres, with `AUTH_URL` that really answers and mail sent to a fake Resend. */
export async function startProduct({
  dataPlaneHost = '127.0.0.1',
  mail = 'resend',
  resendWebhookSecret,
  captchaVerifyUrl,
  clock = new MovableClock(),
  ownClocks = false,
  certificatesMs,
  trustedProxyHops = 0,
  txtRecords,
  dataLog,
}: ProductOptions = {}): Promise<RunningProduct> {
  const port = await freePort()
  const dataUrl = `http://${dataPlaneHost}:${port}`
  const resend = await startFakeResend()
  const emailConfigured = mail === 'resend'
  const resendEnv = { RESEND_API_KEY: resend.apiKey, RESEND_FROM_APP_AUTH: 'Portico <auth@example.com>', RESEND_BASE_URL: resend.url }
  const reports = resendWebhookSecret === undefined ? {} : { resendWebhookSecret }
  const control = await startControlPlane({
    config: { dataPlanePublicUrl: dataUrl, emailConfigured, ...reports },
    ...(txtRecords && { overrides: { domainDns: { ...txtRecords, pointsTo: async () => false } } }),
  })
  const { database } = control
  const data = await createDataPlane({
    changeFeedMs: QUICK_FEED_MS,
    ...(!ownClocks && { clock }),
    ...(txtRecords && { txtRecords }),
    logger: createLogger({ service: 'data-plane', ...(dataLog ? { level: 'info', destination: { write: dataLog } } : { level: 'silent' }) }),
    config: {
      environment: 'development',
      databaseUrl: forServices(database.url),
      directDatabaseUrl: database.url,
      databaseRolePrefix: 'portico',
      databasePoolSize: 6,
      redisUrl: null,
      masterKey: testMasterKey(),
      previousMasterKey: null,
      testClock: true,
      logLevel: 'silent',
      observability: { traces: false, attemptedAddresses: 'hashed', topProjects: 0 },
      allowLoopbackProviders: true,
      captchaVerifyUrl: captchaVerifyUrl ?? null,
      tlsAskSecret: null,
      processes: 1,
      unknownVariables: [],
      listen: { host: '127.0.0.1', port },
      metrics: { host: '127.0.0.1', port: 0 },
      publicUrl: dataUrl,
      trustedProxyHops,
      emailConfigured,
    },
  })
  await listen(data.app, { host: '127.0.0.1', port })
  const worker = await startWorker({
    changeFeedMs: QUICK_FEED_MS,
    ...(!ownClocks && { clock }),
    config: workerConfig(database, {
      ...(ownClocks ? { PORTICO_TEST_CLOCK: '1' } : {}),
      ...(emailConfigured ? resendEnv : {}),
      DATA_PLANE_PUBLIC_URL: dataUrl,
      PORTICO_ALLOW_LOOPBACK_PROVIDERS: '1',
    }),
    logger: createLogger({ service: 'worker', level: 'silent' }),
    printLine: () => {},
    certificatesMs,
  })
  const workerUrl = await worker.server.listen({ host: '127.0.0.1', port: 0 })
  return {
    controlUrl: control.url,
    workerUrl,
    dataUrl,
    key: control.key,
    control,
    resend,
    mailedLink: async (address, subject) => {
      const wanted = (mail: FakeMail) => mail.to.includes(address) && subject.test(mail.subject)
      await resend.waitForMail(wanted)
      return linkIn(resend.mails.findLast(wanted)!)
    },
    stop: async () => {
      await closeApp(data.app)
      for (const step of [...data.stopSteps, ...worker.stopSteps]) await step.run()
      await worker.server.close()
      await resend.close()
      await control.stop()
    },
  }
}
