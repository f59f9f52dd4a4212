import { ConnectorError } from '@mcpclient/core'
import type { ClientContext } from '@mcpclient/core'
import type { HandshakeResponse, Reading, Webhook } from '@mcpclient/core/define'
import type { Channels } from './channels.ts'
import { noticesIn } from './dispatcher.ts'
import { digestOf } from './claims.ts'
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
  const { webhook, secrets, serverId } = endpoint
  const deadline = client.clock.monotonic() + (webhook.respondWithinMs ?? RESPOND_WITHIN_MS) * 0.8
  const arrived = await readRequest(request, { scheme: webhook.verify, url, maxBytes, now: client.clock.now() })
  if (typeof arrived === 'string') return refuse(parts, serverId, arrived)
  try {
    const early = await unsignedHandshake(parts, endpoint, arrived)
    if (early !== undefined) return early
    const verdict = await webhook.verify.verify(arrived.unverified, secrets)
    if (!verdict.verified) return await refuse(parts, serverId, verdict.reason)
    if (webhook.handshake?.proof === 'signature') {
      const response = await webhook.handshake.respond(arrived.unverified, secrets)
      if (response !== undefined) return respond(response)
    }
    const reading = await readSafely(parts, webhook, serverId, request.headers, arrived.decompressed)
    if (reading === 'unreadable') return status(400)
    await parts.sightings.note(serverId, undefined)
    if ('ignore' in reading) {
      client.logger.debug({ event: 'delivery.ignored', serverId, reason: reading.ignore }, 'A delivery was ignored.')
      return status(200)
    }
    const notices = noticesIn(reading)
    for (const { to } of notices) {
      if ('channel' in to && !(await isKnown(parts, serverId, to.channel, verdict.channels))) {
        return await refuse(parts, serverId, 'token_mismatch')
      }
    }
    const isAccepted = await parts.handover.accept(endpoint, notices, arrived.decompressed, deadline)
    return isAccepted ? status(200) : status(503)
  } catch (error) {
    client.logger.warn({ event: 'delivery.failed', serverId, error }, 'A delivery failed and has to be sent again.')
    return status(503)
  }
}

/** Responds to a handshake that is not signed. */
async function unsignedHandshake(
  { client, channels, sightings }: ReceiverContext,
  { webhook, secrets, serverId }: Endpoint,
  { unverified }: Arrived,
): Promise<Response | undefined> {
  const { handshake } = webhook
  if (handshake === undefined || handshake.proof === 'signature') return undefined
  const response = await handshake.respond(unverified, secrets)
  if (response === undefined) return undefined
  if (handshake.proof === 'secret' || (await channels.isMaking(serverId))) return respond(response)
  client.logger.debug({ event: 'handshake.refused', serverId }, 'A handshake came while no subscription is made.')
  await sightings.note(serverId, 'signature_missing')
  return status(401)
}

async function readSafely(
  { client, parking }: ReceiverContext,
  { read }: Webhook,
  serverId: string,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Reading | 'unreadable'> {
  try {
    return read(openDelivery(headers, bytes))
  } catch (cause) {
    const error = ConnectorError.from(cause, `Reading a delivery of ${serverId}`)
    const id = await parking.park(serverId, await digestOf(bytes), requestContent(headers, bytes), error)
    client.emit('delivery.parked', { serverId, id, code: error.code })
    client.logger.warn({ event: 'delivery.parked', serverId, id, error }, 'A delivery cannot be read.')
    return 'unreadable'
  }
}

/** Returns whether a channel is one of ours, and the token that proves it is in the delivery. */
async function isKnown(
  { channels }: ReceiverContext,
  serverId: string,
  id: string,
  proven: readonly string[] | undefined,
): Promise<boolean> {
  if (proven !== undefined && !proven.includes(id)) return false
  return (await channels.read(id))?.serverId === serverId
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

function respond({ text = '', headers = {} }: HandshakeResponse): Response {
  if (text.length > MAX_TEXT) return status(400)
  return new Response(text, {
    status: 200,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  })
}

const status = (code: number): Response => new Response(null, { status: code })
