import { ConnectorError } from '@mcpclient/core'
import type { ClientContext } from '@mcpclient/core'
import type { HandshakeResponse, Reading, Verdict } from '@mcpclient/core/define'
import { announce } from './announce.ts'
import type { Channels } from './channels.ts'
import { noticesIn } from './dispatcher.ts'
import { digestOf } from './claims.ts'
import { openSecret } from './channel-secret.ts'
import { openDelivery } from './delivery.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import type { Handover } from './handover.ts'
import { requestContent } from './parking.ts'
import type { Parking } from './parking.ts'
import type { SightingsLog } from './sightings.ts'
import { readRequest } from './unverified.ts'
import type { Arrived } from './unverified.ts'
import { STATUSES } from './verify-request.ts'
import type { RequestRefusal } from './verify-request.ts'

export interface ReceiverContext {
  readonly client: ClientContext
  readonly endpoints: Endpoints
  readonly channels: Channels
  readonly handover: Handover
  readonly parking: Parking
  readonly sightings: SightingsLog
  readonly maxBytes: number
}

/** Providers that check an address send a few dozen characters. */
const MAX_TEXT = 4096
const RESPOND_WITHIN_MS = 3000

/**
 * Responds to a request of a provider: 2xx once its content is handed over or stored, and for what a retry cannot mend;
 * 4xx if it is refused; 503 if the provider should send it again.
 */
export async function receive(parts: ReceiverContext, request: Request): Promise<Response> {
  const { client, endpoints, maxBytes } = parts
  const found = endpoints.for(request)
  if (found === undefined) return status(404)
  const { endpoint, url } = found
  const { webhook, serverId } = endpoint
  const { acceptedStatus: accepted = 200 } = webhook
  const deadline = client.clock.monotonic() + (webhook.respondWithinMs ?? RESPOND_WITHIN_MS) * 0.8
  const arrived = await readRequest(request, { scheme: webhook.verify, url, maxBytes, now: client.clock.now() })
  if (typeof arrived === 'string') return refuse(parts, serverId, arrived)
  try {
    const early = await unsignedHandshake(parts, endpoint, arrived)
    if (early !== undefined) return early
    const verdict = await verdictOf(parts, endpoint, arrived)
    if (!verdict.verified) return await refuse(parts, serverId, verdict.reason)
    await parts.sightings.note(serverId, undefined)
    if (webhook.handshake?.proof === 'signature') {
      const response = await handshakeIn(parts, endpoint, arrived)
      if (response !== undefined) return respond(response)
    }
    const reading = await readSafely(parts, endpoint, request.headers, arrived.decompressed, verdict.channels)
    if (reading === 'unreadable') return status(400)
    if ('ignore' in reading) {
      client.logger.debug({ event: 'delivery.ignored', serverId, reason: reading.ignore }, 'A delivery was ignored.')
      return status(accepted)
    }
    const notices = await parts.channels.resolve(serverId, noticesIn(reading))
    if (notices === undefined) return status(503)
    for (const { to } of notices) {
      if ('channel' in to && !(await parts.channels.isKnown(serverId, to.channel, verdict.channels))) {
        return await refuse(parts, serverId, 'token_mismatch')
      }
    }
    const isAccepted = await parts.handover.accept(endpoint, notices, arrived.decompressed, deadline)
    return status(isAccepted ? accepted : 503)
  } catch (error) {
    client.logger.warn({ event: 'delivery.failed', serverId, error }, 'A delivery failed and has to be sent again.')
    return status(503)
  }
}

/** Verifies a delivery with the secrets of the endpoint, or with the secret of the channel that it is for. */
async function verdictOf(
  { channels }: ReceiverContext,
  { webhook: { verify }, secrets, serverId }: Endpoint,
  { unverified }: Arrived,
): Promise<Verdict> {
  if (verify.channelOf === undefined) return verify.verify(unverified, secrets)
  const id = verify.channelOf(unverified)
  if (id === undefined) return { verified: false, reason: 'token_missing' }
  const channel = await channels.read(id)
  if (channel?.serverId !== serverId) return { verified: false, reason: 'token_mismatch' }
  // The provider may send the first delivery before its response with the secret has arrived here.
  if (channel.state === 'making') return { verified: false, reason: 'keys_unavailable' }
  const secret = channel.secret === undefined ? undefined : await openSecret(channel.secret, id, secrets)
  if (secret === undefined) return { verified: false, reason: 'secret_unusable' }
  const verdict = await verify.verify(unverified, [secret])
  return verdict.verified ? { verified: true, channels: [id] } : verdict
}

/** Responds to a handshake that is not signed. */
async function unsignedHandshake(
  parts: ReceiverContext,
  endpoint: Endpoint,
  arrived: Arrived,
): Promise<Response | undefined> {
  const { webhook, serverId } = endpoint
  const { proof = 'signature' } = webhook.handshake ?? {}
  if (proof === 'signature') return undefined
  const response = await handshakeIn(parts, endpoint, arrived)
  if (response === undefined) return undefined
  if (proof === 'secret' || (await parts.channels.isMaking(serverId))) return respond(response)
  parts.client.logger.debug({ event: 'handshake.refused', serverId }, 'A handshake came while no subscription is made.')
  return refuse(parts, serverId, 'signature_missing')
}

/** Returns the response to a handshake. A request that the connector cannot read as one is none. */
async function handshakeIn(
  { client }: ReceiverContext,
  { webhook, secrets, serverId }: Endpoint,
  { unverified }: Arrived,
): Promise<HandshakeResponse | undefined> {
  try {
    return await webhook.handshake?.respond(unverified, secrets)
  } catch (cause) {
    const error = ConnectorError.from(cause, `Reading a handshake of ${serverId}`)
    client.logger.debug({ event: 'handshake.unreadable', serverId, error }, 'A request is no handshake.')
    return undefined
  }
}

async function readSafely(
  { client, parking }: ReceiverContext,
  { webhook, secrets, serverId }: Endpoint,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  channels: readonly string[] | undefined,
): Promise<Reading | 'unreadable'> {
  try {
    return webhook.read(openDelivery(headers, bytes, channels))
  } catch (cause) {
    const error = ConnectorError.from(cause, `Reading a delivery of ${serverId}`)
    const content = requestContent(headers, bytes, secrets, channels)
    const id = await parking.park(serverId, await digestOf(bytes), content, error)
    announce(client, 'delivery.parked', { serverId, id, code: error.code })
    client.logger.warn({ event: 'delivery.parked', serverId, id, error }, 'A delivery cannot be read.')
    return 'unreadable'
  }
}

async function refuse(
  { client, sightings }: ReceiverContext,
  serverId: string,
  reason: RequestRefusal,
): Promise<Response> {
  client.logger.debug({ event: 'delivery.refused', serverId, reason }, 'A delivery was refused.')
  await sightings.note(serverId, reason).catch((error: unknown) => {
    client.logger.warn({ event: 'delivery.not_noted', serverId, error }, 'A refusal was not written down.')
  })
  return status(STATUSES[reason] ?? 401)
}

function respond({
  json,
  text = json === undefined ? '' : JSON.stringify(json),
  headers = {},
}: HandshakeResponse): Response {
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json'
  if (text.length > MAX_TEXT) return status(400)
  return new Response(text, {
    status: 200,
    headers: { ...headers, 'content-type': type, 'x-content-type-options': 'nosniff' },
  })
}

const status = (code: number): Response => new Response(null, { status: code })
