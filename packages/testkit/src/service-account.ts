import { createMcpClient } from '@mcpclient/core'
import type { Connector } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { generateKeyPairSync } from 'node:crypto'

/** Options of a connector that acts for the users of a Google Workspace. */
interface ServiceAccount {
  readonly clientEmail: string
  readonly privateKey: string
  readonly subject: string
}

/**
 * Calls a tool for a user of a Google Workspace with the key of a service account.
 * @param response the JSON of the service
 * @returns the output of the tool, where the assertion was sent, its claims, and the authorization of the call
 */
export async function callWithServiceAccount(
  connectorOf: (account: ServiceAccount) => Connector,
  tool: string,
  response: object,
) {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const transport = scriptedTransport([
    { json: { access_token: 'ya29.c0', expires_in: 3599, token_type: 'Bearer' } },
    { json: response },
  ])
  const service = connectorOf({
    clientEmail: 'heron@marshes.iam.gserviceaccount.com',
    privateKey,
    subject: 'ada@marshes.example',
  })
  const mcp = createMcpClient({ connectors: { service }, vault: vault(), transport, clock: createFakeClock() })
  const output = await mcp.client('service', 'ada').invoke(tool, {})
  const [token, call] = transport.requests
  const [, claims = ''] = String(token?.form?.['assertion']).split('.')
  return {
    output,
    tokenUrl: token?.url,
    claims: JSON.parse(Buffer.from(claims, 'base64url').toString()) as Readonly<Record<string, unknown>>,
    authorization: call?.headers['authorization'],
  }
}
