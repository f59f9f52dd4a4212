import { ConnectorError } from '@mcpclient/core/define'
import type { UnverifiedDelivery, Verifier } from '@mcpclient/core/define'
import { equalInConstantTime } from '../verification/hmac-key.ts'
import { MAX_TOKEN_LENGTH, refused, VERIFIED } from '../verification/verdict.ts'
import { channelOf, isIssued, issueToken } from './channel-token.ts'

/** The place of the token: a header, behind a prefix such as `Bearer `; or the query. */
export type SharedTokenPlace =
  | { readonly header: string; readonly prefix?: string | undefined }
  | { readonly query: string }

/** Verifies a secret that the provider sends along. It proves who sent a delivery, and nothing about the body. */
export function sharedToken(place: SharedTokenPlace): Verifier {
  const name = 'header' in place ? place.header : place.query
  if (name === '') {
    throw new ConnectorError('CONFIGURATION_ERROR', 'sharedToken() needs the name of a header or a query parameter.', {
      hint: "Pass { header: 'x-gitlab-token' }, for example.",
    })
  }
  return tokenVerifier((delivery) =>
    'header' in place ? tokenIn(delivery.header(name), place.prefix) : queryToken(delivery.url, name),
  )
}

/**
 * Verifies the last segment of the URL's path, for providers that can prove nothing else: a secret, or the `token` of a channel,
 * which proves that channel alone. The address proves the sender, so keep it out of logs.
 * @example
 * webhook({
 *   verify: pathSecret(),
 *   read: ({ channels: [channel = ''] }) => ({ to: { channel }, event: 'changed', data: {} }),
 *   subscribe: {
 *     create: ({ token, address }) => post('hooks', { url: `${address}/${token}` }),
 *     created: z.object({ handle: z.string() }),
 *   },
 * })
 */
export function pathSecret(): Verifier {
  const { verify, ...shared } = tokenVerifier(({ url }) => lastSegment(url))
  return {
    ...shared,
    issueToken,
    async verify(delivery, secrets) {
      const token = lastSegment(delivery.url) ?? ''
      const channel = token.length > MAX_TOKEN_LENGTH ? undefined : channelOf(token)
      return channel !== undefined && (await isIssued(token, secrets))
        ? { verified: true, channels: [channel] }
        : verify(delivery, secrets)
    },
  }
}

function lastSegment(url: string): string | undefined {
  const segment = URL.canParse(url) ? new URL(url).pathname.split('/').at(-1) : undefined
  return segment === undefined || segment === '' ? undefined : decodedSegment(segment)
}

function tokenVerifier(tokenOf: (delivery: UnverifiedDelivery) => string | undefined): Verifier {
  return {
    async verify(delivery, secrets) {
      const token = tokenOf(delivery)
      if (token === undefined || token === '') return refused('token_missing')
      if (token.length > MAX_TOKEN_LENGTH) return refused('token_malformed')
      for (const secret of secrets) if (secret !== '' && (await equalInConstantTime(secret, token))) return VERIFIED
      return refused('token_mismatch')
    },
    secretFault: (secret) =>
      secret.length > MAX_TOKEN_LENGTH ? `must have at most ${MAX_TOKEN_LENGTH} characters` : undefined,
  }
}

function tokenIn(value: string | undefined, prefix = ''): string | undefined {
  return value?.startsWith(prefix) ? value.slice(prefix.length) : undefined
}

/** Two values of one parameter are as good as none: a proxy and a server may each read another one. */
function queryToken(url: string, name: string): string | undefined {
  const [token, ...others] = URL.canParse(url) ? new URL(url).searchParams.getAll(name) : []
  return others.length === 0 ? token : undefined
}

function decodedSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
