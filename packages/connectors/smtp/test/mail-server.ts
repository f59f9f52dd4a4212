import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { certificate, privateKey } from './loopback-certificate.ts'

/** A message as the server received it. */
export interface Received {
  readonly from: string | undefined
  readonly to: readonly string[]
  readonly raw: string
  readonly user: string | undefined
  readonly isSecure: boolean
  readonly session: string
}

export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly received: readonly Received[]
  readonly connections: () => number
  /** Ends every session, as servers do after a while. */
  readonly endSessions: () => void
}

export const PASSWORD = 'pass:wörd-canary'
export const TOKEN = 'ya29.canary-token'

/** Starts a real SMTP server on this machine. It accepts the user `ada` with PASSWORD or TOKEN. */
export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const received: Received[] = []
  let connections = 0
  const server = new SMTPServer({
    key: privateKey,
    cert: certificate,
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    closeTimeout: 50,
    allowInsecureAuth: true,
    onConnect: (_session, done) => {
      connections++
      done()
    },
    onAuth: ({ method, username, password, accessToken }, _session, done) => {
      const isKnown = method === 'XOAUTH2' ? accessToken === TOKEN : password === PASSWORD
      if (username === 'ada' && isKnown) done(null, { user: username })
      else done(replied('Invalid user name or password', 535))
    },
    onData: (stream, session, done) => {
      let raw = ''
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString('latin1')))
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(replied('Message is too large', 552))
        const { mailFrom, rcptTo } = session.envelope
        received.push({
          from: mailFrom === false ? undefined : mailFrom?.address,
          to: rcptTo.map(({ address }) => address),
          raw,
          user: typeof session.user === 'string' ? session.user : undefined,
          isSecure: session.secure,
          session: session.id,
        })
        done(null, 'queued as 4417')
      })
    },
    ...options,
  })
  // A client that refuses the certificate is no fault of the server.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    connections: () => connections,
    endSessions: () => {
      for (const session of server.connections) session.close()
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** Returns an error with which the server replies. */
export const replied = (message: string, responseCode: number): Error =>
  Object.assign(new Error(message), { responseCode })

/**
 * Starts a server of a few lines, which drops the connection at a command, within the content, or when the whole message has
 * arrived (`.`).
 */
export async function droppingServer(drop: 'MAIL' | 'DATA' | 'content' | '.'): Promise<MailServer> {
  let connections = 0
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write('220 localhost ESMTP\r\n')
    let isContent = false
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (isContent && text.endsWith('\r\n.\r\n')) {
        received.push({ from: '', to: [], raw: text, user: undefined, isSecure: false, session: '' })
        socket.destroy()
      }
      if (isContent || !text.endsWith('\r\n')) return
      const [command = ''] = text.trim().split(/[\s:]/)
      text = ''
      if (command.toUpperCase() === drop) return void socket.destroy()
      isContent = command.toUpperCase() === 'DATA'
      socket.write(isContent ? '354 Go on\r\n' : '250 OK\r\n')
      if (isContent && drop === 'content') {
        // Without a reader, the window closes, so that the client cannot send all of it.
        socket.pause()
        setTimeout(() => socket.destroy(), 20)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    received,
    connections: () => connections,
    endSessions: () => undefined,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}
