/** `@mcpclient/webhooks/cron`: the route that a scheduler calls on a serverless host. */
import { ConnectorError } from '@mcpclient/core'
import type { Verifier } from '@mcpclient/core/define'
import type { JobRunner } from '@mcpclient/core/jobs'
import { activeSecrets } from './active-secrets.ts'
import { sharedToken } from './schemes/shared-token.ts'
import { verifyRequest } from './verify-request.ts'

export interface CronHandlerOptions {
  /** The secret of the scheduler, or several while one replaces another. At least 16 random characters. */
  readonly secret: string | readonly string[] | undefined
  /** The proof that the scheduler sends. @default `Authorization: Bearer`, followed by the secret */
  readonly scheme?: Verifier | undefined
  /**
   * The public address of the route, without a query, for a scheme that signs it. @default the address of the request, which
   * differs behind most proxies
   */
  readonly address?: string | undefined
  /** The methods that run jobs. Add `GET` only for a scheduler that sends nothing else, such as Vercel's. @default ['POST'] */
  readonly methods?: readonly ('GET' | 'POST')[] | undefined
  /**
   * Milliseconds after which no further job is started, and those that run are asked to stop. Some seconds below the time
   * limit of the platform. @default 50_000
   */
  readonly withinMs?: number | undefined
  /** Called with the error if the jobs that are due cannot be read. The response does not hold it. */
  readonly onError?: ((error: unknown) => void) | undefined
}

const WITHIN_MS = 50_000
/** The body is verified and then ignored. */
const MAX_BYTES = 65_536

/**
 * Creates the handler of a route that a scheduler calls once a minute. It runs the jobs that are due, and responds with
 * `{ "succeeded": 2, "failed": 0 }`. A request without a valid proof runs nothing and gets 401.
 * @throws ConnectorError CONFIGURATION_ERROR if there is no secret or an unusable one, or if `withinMs` is not positive
 *
 * @example
 * const work = jobs()
 * export const POST = cronHandler(work, { secret: process.env.CRON_SECRET })
 */
export function cronHandler(
  runner: Pick<JobRunner, 'runDue'>,
  options: CronHandlerOptions,
): (request: Request) => Promise<Response> {
  const {
    scheme = sharedToken({ header: 'authorization', prefix: 'Bearer ' }),
    address = ownAddress,
    methods = ['POST'],
    withinMs = WITHIN_MS,
    onError,
  } = options
  const secrets = activeSecrets(options.secret, scheme)
  if (!(withinMs > 0 && Number.isFinite(withinMs))) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The withinMs of cronHandler() is not positive.', {
      hint: 'Pass milliseconds below the time limit of the platform, such as 50_000.',
    })
  }
  return async (request) => {
    if (!methods.some((method) => method === request.method)) return empty(405, { allow: methods.join(', ') })
    const verified = await verifyRequest(request, { scheme, secrets, address, maxBytes: MAX_BYTES })
    if (!verified.verified) return empty(verified.status)
    try {
      const { succeeded, failed } = await runner.runDue({ withinMs })
      return Response.json({ succeeded, failed }, { headers: NOT_CACHED })
    } catch (error) {
      onError?.(error)
      return empty(500)
    }
  }
}

/** A cached response to a GET would run nothing. */
const NOT_CACHED = { 'cache-control': 'no-store' }

const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status, headers: { ...NOT_CACHED, ...headers } })

const ownAddress = ({ url }: Request): string => url.split(/[?#]/, 1)[0] ?? url
