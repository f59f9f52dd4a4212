import { ConnectorError } from '@mcpclient/core/define'
import type { PerformContext } from '@mcpclient/core/define'
import type { Login, MailServer } from './mailer.ts'
import type { Settings } from './settings.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1'])

/**
 * Returns the server of a connection, with its login.
 * @param hosts the servers that connections may use: exact, or `*.example.com` for the subdomains
 * @throws ConnectorError PERMISSION_DENIED for another server, CONFIGURATION_ERROR if the connection would not be encrypted
 */
export async function serverOf(
  settings: Settings,
  hosts: readonly string[],
  { sign }: Pick<PerformContext, 'sign'>,
): Promise<MailServer> {
  const { port, security, username } = settings
  const host = settings.host.toLowerCase()
  assertAllowed(host, security, hosts)
  const url = `https://${host}:${port}/`
  const { headers } = (await sign?.({ method: 'POST', url, headers: {} })) ?? {}
  return { host, port, security, login: loginOf(headers?.['authorization'], username) }
}

function assertAllowed(host: string, security: MailServer['security'], hosts: readonly string[]): void {
  const isListed = hosts
    .map((each) => each.toLowerCase())
    .some((each) => (each.startsWith('*.') ? host.endsWith(each.slice(1)) : each === host))
  if (!isListed) {
    throw new ConnectorError('PERMISSION_DENIED', `No mail may be sent through ${host}.`, {
      outcome: 'not_processed',
      hint: 'Add it to hosts of the connector, or compose the connector with this host.',
    })
  }
  if (security === 'none' && !LOOPBACK.has(host)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `The connection to ${host} would not be encrypted.`, {
      outcome: 'not_processed',
      hint: "Set security to 'starttls' or 'tls'. 'none' is for a server on this machine.",
    })
  }
}

/** Returns the login of a signature: HTTP Basic holds a name and a password, and Bearer a token. */
function loginOf(signature: string | undefined, username: string | undefined): Login | undefined {
  const [scheme, value = ''] = signature?.split(' ') ?? []
  if (scheme === 'Basic') {
    const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
    const text = new TextDecoder().decode(bytes)
    const colon = text.indexOf(':')
    return { user: text.slice(0, colon), pass: text.slice(colon + 1) }
  }
  return scheme === 'Bearer' && username !== undefined ? { user: username, accessToken: value } : undefined
}
