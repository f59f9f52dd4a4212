import { ConnectorError } from '@mcpclient/core'
import type { ClientContext } from '@mcpclient/core'
import type { HandshakeResponse, Notice, Reading, Verdict } from '@mcpclient/core/define'
import { announce } from './announce.ts'
import { atAddress } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import type { Channels } from './channels.ts'
import { secretsFor } from './delivery-secrets.ts'
import type { DeliverySecrets } from './delivery-secrets.ts'
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
  readonly addresses: Addresses
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
    const trusted = await secretsFor(parts, endpoint, url)
    const early = await unsignedHandshake(parts, endpoint, arrived, trusted)
    if (early !== undefined) return early
    const verdict = await verdictOf(parts, endpoint, arrived, trusted)
    if (!verdict.verified) return await refuse(parts, serverId, verdict.reason, trusted)
    await parts.sightings.note(serverId, trusted.address, undefined)
    if (webhook.handshake?.proof === 'signature') {
      const response = await handshakeIn(parts, endpoint, arrived, trusted)
      if (response !== undefined) return respond(response)
    }
    const proven = { channels: verdict.channels, address: trusted.address }
    const reading = await readSafely(parts, endpoint, request.headers, arrived.decompressed, trusted, proven)
    if (reading === 'unreadable') return status(400)
    if ('ignore' in reading) {
      client.logger.debug({ event: 'delivery.ignored', serverId, reason: reading.ignore }, 'A delivery was ignored.')
      return status(accepted)
    }
    const notices = await addressed(parts, serverId, noticesIn(reading), proven)
    if (notices === 'unproven') return await refuse(parts, serverId, 'token_mismatch', trusted)
    if (notices === 'unknown') return status(503)
    const isAccepted = await parts.handover.accept(endpoint, notices, arrived.decompressed, deadline)
    return status(isAccepted ? accepted : 503)
  } catch (error) {
    client.logger.warn({ event: 'delivery.failed', serverId, error }, 'A delivery failed and has to be sent again.')
    return status(503)
  }
}

/** The facts that a verified delivery proves: the channels whose tokens it carries, and the address of a connection. */
interface Proven {
  readonly channels: readonly string[] | undefined
  readonly address: string | undefined
}

/**
 * Returns notices with the channel that each is for.
 * @returns `unproven` if one is for a channel whose token is not in the delivery; `unknown` if a subscription that is being
 *   made may be the one
 */
export async function addressed(
  { channels }: Pick<ReceiverContext, 'channels'>,
  serverId: string,
  notices: readonly Notice[],
  proven: Proven,
): Promise<readonly Notice[] | 'unproven' | 'unknown'> {
  if (proven.address !== undefined) return atAddress(proven.address, notices)
  const resolved = await channels.resolve(serverId, notices)
  if (resolved === undefined) return 'unknown'
  for (const { to } of resolved) {
    if ('channel' in to && !(await channels.isKnown(serverId, to.channel, proven.channels))) return 'unproven'
  }
  return resolved
}

/** Verifies a delivery with the secrets of the address that was called, or with the secret of the channel that it is for. */
async function verdictOf(
  { channels }: ReceiverContext,
  { webhook: { verify }, serverId }: Endpoint,
  { unverified }: Arrived,
  { secrets, refusal }: DeliverySecrets,
): Promise<Verdict> {
  if (refusal !== undefined) return { verified: false, reason: refusal }
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
  trusted: DeliverySecrets,
): Promise<Response | undefined> {
  const { webhook, serverId } = endpoint
  const { proof = 'signature' } = webhook.handshake ?? {}
  if (proof === 'signature') return undefined
  const response = await handshakeIn(parts, endpoint, arrived, trusted)
  if (response === undefined) return undefined
  if (proof === 'secret' || (await parts.channels.isMaking(serverId))) return respond(response)
  parts.client.logger.debug({ event: 'handshake.refused', serverId }, 'A handshake came while no subscription is made.')
  return refuse(parts, serverId, 'signature_missing', trusted)
}

/** Returns the response to a handshake. A request that the connector cannot read as one is none. */
async function handshakeIn(
  { client }: ReceiverContext,
  { webhook, serverId }: Endpoint,
  { unverified }: Arrived,
  { secrets }: DeliverySecrets,
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
  { webhook, serverId }: Endpoint,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  { secrets }: DeliverySecrets,
  proven: Proven,
): Promise<Reading | 'unreadable'> {
  try {
    return webhook.read(openDelivery(headers, bytes, proven.channels))
  } catch (cause) {
    const error = ConnectorError.from(cause, `Reading a delivery of ${serverId}`)
    const content = requestContent(headers, bytes, secrets, proven)
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
  { address }: Partial<DeliverySecrets> = {},
): Promise<Response> {
  client.logger.debug({ event: 'delivery.refused', serverId, reason }, 'A delivery was refused.')
  await sightings.note(serverId, address, reason).catch((error: unknown) => {
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
