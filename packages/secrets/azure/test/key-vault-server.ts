import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface KeyVaultServer {
  readonly url: string
  /** Method and path of the requests that came with a token, in order. */
  readonly asked: readonly string[]
  readonly close: () => Promise<void>
}

export const TOKEN = 'canary-access-token'

const secrets: Readonly<Record<string, string>> = {
  '/secrets/app-key/': 'secret-latest',
  '/secrets/app-key/4387e9f3d6e14c459867679a90fd0f79': 'secret-of-before',
  '/secrets/empty/': '',
}

const failures: Readonly<Record<string, readonly [status: number, code: string]>> = {
  '/secrets/denied/': [403, 'Forbidden'],
  '/secrets/busy/': [429, 'Throttled'],
  '/secrets/failing/': [500, 'InternalServerError'],
  '/secrets/odd/': [400, 'BadParameter'],
}

/** Speaks "get secret" of Azure Key Vault, with its challenge for a token, on this machine and without TLS. */
export async function startKeyVault(): Promise<KeyVaultServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1')
    const answer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    const fault = (status: number, code: string, headers = {}): void =>
      answer(status, { error: { code, message: `${code} it is.` } }, headers)

    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      const challenge =
        'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"'
      return fault(401, 'Unauthorized', { 'www-authenticate': challenge })
    }
    asked.push(`${request.method} ${pathname}`)
    if (searchParams.get('api-version') === null) return fault(400, 'MissingApiVersion')
    if (failures[pathname]) return fault(...failures[pathname])
    const value = secrets[pathname]
    if (value === undefined) return fault(404, 'SecretNotFound')
    answer(200, {
      value,
      id: `https://vault.example.com${pathname}`,
      attributes: {
        enabled: true,
        created: 1_493_938_410,
        updated: 1_493_938_410,
        recoveryLevel: 'Recoverable+Purgeable',
      },
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
