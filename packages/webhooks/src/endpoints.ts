import { ConnectorError } from '@mcpclient/core'
import type { ClientContext, Connector } from '@mcpclient/core'
import type { Secrets, Webhook } from '@mcpclient/core/define'
import { activeSecrets } from './active-secrets.ts'

/** The webhook of one composed connector. */
export interface Endpoint {
  readonly serverId: string
  readonly webhook: Webhook
  /** The secrets of the composition. Absent: the connections have secrets of their own. */
  readonly secrets: Secrets | undefined
  /** The public address that the provider calls. */
  readonly address: string
}

/** Finds the endpoints of the composed connectors. */
export class Endpoints {
  readonly #client: ClientContext
  readonly #address: string
  readonly #served: readonly string[] | undefined
  readonly #found = new Map<string, { readonly connector: Connector; readonly endpoint: Endpoint }>()

  /**
   * @param served the server ids; undefined: every connector that has a webhook
   * @throws ConnectorError CONFIGURATION_ERROR if one of them has no webhook, or no secret
   */
  constructor(client: ClientContext, address: string, served: readonly string[] | undefined) {
    this.#client = client
    this.#address = address.replace(/\/+$/, '')
    this.#served = served
    const ids = served ?? [...client.connectors].flatMap(([id, { webhook }]) => (webhook === undefined ? [] : [id]))
    for (const id of ids) if (this.of(id) === undefined) throw noWebhook(id)
  }

  /**
   * Returns the endpoint of a connector; undefined if it has none.
   * @throws ConnectorError CONFIGURATION_ERROR if its secret is missing or malformed
   */
  of(serverId: string): Endpoint | undefined {
    if (this.#served?.includes(serverId) === false) return undefined
    const connector = this.#client.connectors.get(serverId)
    if (connector?.webhook === undefined) return undefined
    // By server id, because a host may compose one connector twice.
    const known = this.#found.get(serverId)
    if (known?.connector === connector) return known.endpoint
    const { webhook, signingSecrets, appCredential } = connector
    const isEachs = webhook.connectionSecret !== undefined && appCredential === undefined
    if (signingSecrets === undefined && !isEachs) throw noSecret(serverId)
    const secrets = signingSecrets && activeSecrets(signingSecrets, webhook.verify)
    const endpoint = { serverId, webhook, secrets, address: `${this.#address}/${encodeURIComponent(serverId)}` }
    this.#found.set(serverId, { connector, endpoint })
    return endpoint
  }

  /**
   * Finds the endpoint that a request is for, and its public URL. The server id is the last segment of the path, or the one
   * before if a secret follows. Undefined if there is none, or if a connector that was registered later has no secret.
   */
  for(request: Request): { readonly endpoint: Endpoint; readonly url: string } | undefined {
    const { pathname, search } = new URL(request.url)
    const [before = '', last = ''] = ['', ...pathname.replace(/\/$/, '').split('/')].slice(-2)
    const exact = this.#named(last)
    if (exact !== undefined) return { endpoint: exact, url: exact.address + search }
    const endpoint = this.#named(before)
    return endpoint && { endpoint, url: `${endpoint.address}/${last}${search}` }
  }

  #named(segment: string): Endpoint | undefined {
    try {
      return this.of(decodeURIComponent(segment))
    } catch (error) {
      const isUnserved = ConnectorError.is(error) && error.code === 'CONFIGURATION_ERROR'
      if (isUnserved || error instanceof URIError) return undefined
      throw error
    }
  }
}

const noWebhook = (serverId: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `${serverId} is no composed connector with a webhook.`, {
    hint: 'Name composed connectors in webhooks({ connectors }), or leave the option out.',
  })

export const noSecret = (serverId: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', `The webhook of ${serverId} has no secret.`, {
    serverId,
    hint: 'Pass signingSecret to its factory, or leave it out of webhooks({ connectors }).',
  })
