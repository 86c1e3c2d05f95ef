// A mail server for the worker in its container: the worker finds this machine by the name below.
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const { SMTPServer } = createRequire(import.meta.url)('smtp-server')

export const MAIL_HOST = 'mail.portico.internal'
const CREDENTIALS = { user: 'portico', password: 'a password for mail' }

export async function openMailbox() {
  const mails = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      username === CREDENTIALS.user && password === CREDENTIALS.password ? done(null, { user: username }) : done(new Error('wrong')),
    onData(stream, { envelope }, done) {
      let raw = ''
      stream.on('data', (chunk) => (raw += chunk))
      stream.once('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text: readable(raw) })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise((done, fail) => server.listen(0, '0.0.0.0', done).once('error', fail))
  return {
    mails,
    settings: {
      SMTP_HOST: MAIL_HOST, SMTP_PORT: String(server.server.address().port), SMTP_SECURE: 'none',
      SMTP_USER: CREDENTIALS.user, SMTP_PASSWORD: CREDENTIALS.password, SMTP_FROM: 'Portico <auth@example.com>',
    },
    /** The first link of the newest mail to an address whose link holds a word. */
    async linkTo(address, word, seconds = 60) {
      for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await sleep(100)) {
        const mail = mails.findLast(({ to, text }) => to.includes(address) && text.includes(word))
        const link = mail && /https:\/\/\S+?token=[\w.~%-]+/.exec(mail.text)?.[0]
        if (link) return new URL(link)
      }
      throw new Error(`no mail to ${address} with ${word} within ${seconds} s; there are ${mails.length}`)
    },
    close: () => new Promise((done) => server.close(done)),
  }
}

/** Quoted-printable as text. */
const readable = (raw) => raw.replaceAll(/=\r?\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
