import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'
import { SMTPServer } from 'smtp-server'
import type { Services } from './notify.ts'

export interface Peers {
  readonly services: Services
  /** The e-mails that the server accepted, as they arrived. */
  readonly mailbox: readonly string[]
  /** Makes the server defer the next e-mail. */
  deferMail(): void
  close(): Promise<void>
}

const login = { username: 'tides', password: 'a-password-of-the-example' }
const account = { sid: `AC${'0'.repeat(31)}1`, auth_token: 'an-auth-token-of-the-example' }

/** Starts an SMTP server and emulators of Twilio and Slack on this machine. */
export async function startPeers(): Promise<Peers> {
  const mailbox: string[] = []
  let defers = 0
  const mail = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === login.username && password === login.password) done(null, { user: username })
      else done(replied(535, 'Unknown user'))
    },
    onMailFrom: (_address, _session, done) => {
      if (defers === 0) return done()
      defers--
      done(replied(451, 'Try again later'))
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mailbox.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  const listening = mail.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  const numbers = ['+15005550006', 'whatsapp:+14155238886'].map((phone_number) => ({ phone_number }))
  const phone = await createEmulator({
    service: 'twilio',
    port: await freePort(),
    seed: { twilio: { account, phone_numbers: numbers } },
  })
  const chat = await createEmulator({ service: 'slack', port: await freePort() })
  return {
    services: {
      mail: { host: '127.0.0.1', port: (listening.address() as AddressInfo).port, ...login },
      twilio: { baseUrl: `${phone.url}/2010-04-01/`, accountSid: account.sid, authToken: account.auth_token },
      slack: { baseUrl: `${chat.url}/api/`, token: 'xoxb-a-token-of-the-example' },
    },
    mailbox,
    deferMail: () => void defers++,
    async close() {
      await Promise.all([phone.close(), chat.close(), new Promise<void>((resolve) => mail.close(resolve))])
    },
  }
}

const replied = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
