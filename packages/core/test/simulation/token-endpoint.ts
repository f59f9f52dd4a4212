import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { unexplainedRefusal } from '../../src/oauth/server-request.ts'
import type { Issued } from './authorization-server.ts'
import { between, forever, type SimulationContext } from './simulation-context.ts'
import type { Worker } from './worker.ts'

/** One use of a refresh token at the authorization server. */
export interface Presentation {
  readonly worker: Worker
  readonly token: string
  readonly at: number
  /** The time at which the lease of the worker was written. */
  readonly leasedAt: number
  /** The time of the last takeover that was too early, because of a wrong clock. */
  readonly strayTakeoverAt: number
  /** The result as the worker knows it. `open`: none yet, or never, if the worker has crashed. */
  end: 'open' | 'granted' | 'refused' | 'not_processed' | 'failed' | 'timed_out'
  /** The tokens that the server issued for it, even if no worker received them. */
  issued: Issued | undefined
  /** The time at which a row with them was written. */
  storedAt: number | undefined
}

/** Sends a refresh token to the token endpoint through the simulated network. */
export function present(
  simulation: SimulationContext,
  worker: Worker,
  record: ConnectionRecord,
  signal: AbortSignal,
): Promise<Grant> {
  const { judge, plan, server, time } = simulation
  if (!worker.alive) return forever()
  const presentation: Presentation = {
    worker,
    token: record.grant?.refreshToken ?? '',
    at: time.now,
    leasedAt: judge.leasedAt(worker),
    strayTakeoverAt: judge.strayTakeoverAt,
    end: 'open',
    issued: undefined,
    storedAt: undefined,
  }
  judge.presented(presentation, record)
  simulation.note(worker.id, () => `presents ${presentation.token}`)
  if (simulation.happens('crashWhileAsking')) {
    time.after(between(simulation, 0, 3000), () => {
      if (presentation.end === 'open') simulation.crash(worker, 'during a token request')
    })
  }

  return new Promise<Grant>((resolve, reject) => {
    const end = (how: Presentation['end'], run: () => void): void => {
      if (how === 'timed_out') settle(how, run)
      else worker.meet(() => settle(how, run))
    }
    const settle = (how: Presentation['end'], run: () => void): void => {
      if (!worker.alive || presentation.end !== 'open') return
      if (simulation.happens('cutOffAtReply')) worker.cutOffUntil = time.now + between(simulation, 100, 90_000)
      if (how !== 'timed_out' && simulation.happens('crashAtReply'))
        return simulation.crash(worker, 'with the token response')
      presentation.end = how
      simulation.note(
        worker.id,
        () =>
          `${presentation.token}: ${how}${how === 'granted' ? ` ${presentation.issued?.refreshToken.name ?? ''}` : ''}`,
      )
      if (how !== 'granted') judge.failedToRenew(presentation)
      run()
    }
    const refuse = (error: ConnectorError, how: Presentation['end']) => {
      end(how, () => reject(error))
    }
    signal.addEventListener('abort', () => {
      end('timed_out', () => reject(signal.reason as Error))
    })
    const wayMs = (): number => between(simulation, 20, 400)

    if (simulation.happens('requestLost')) return
    if (simulation.suffers(worker, 'server_down') || simulation.happens('requestRefused')) {
      if (simulation.random() < 0.5) time.after(wayMs(), () => refuse(notSent(), 'not_processed'))
      return
    }
    const arrive = () => {
      const reply = respond()
      if (simulation.happens('replyLost')) return
      const slowMs = simulation.happens('replySlow') ? between(simulation, 1000, 45_000) : 0
      time.after(wayMs() + slowMs, reply)
    }
    time.after(wayMs(), arrive, true)

    function respond(): () => void {
      if (simulation.suffers(worker, 'app_refused')) return () => refuse(appRefused(), 'not_processed')
      if (simulation.suffers(worker, 'server_limiting')) {
        const retryAfterMs = Math.round(between(simulation, 1000, plan.rare.longWaits ? 30 * 24 * 3_600_000 : 40_000))
        return () => refuse(limited(retryAfterMs), 'not_processed')
      }
      const failing = simulation.suffers(worker, 'server_failing')
      const gateway = failing ? simulation.random() < 0.1 : simulation.happens('gatewayError')
      if (failing && !gateway) return () => refuse(serverFailed(), 'failed')
      const issued = server.refresh(presentation.token, time.now)
      presentation.issued = issued
      if (issued !== undefined) judge.rotated(presentation)
      if (gateway) return () => refuse(serverFailed(), 'failed')
      if (issued === undefined)
        return () => refuse(plan.rare.explains ? invalidGrant() : unexplainedRefusal('login.example', 401), 'refused')
      return () => {
        end('granted', () => {
          resolve(grantOf(issued, worker.clock.now()))
        })
      }
    }
  })

  function grantOf({ accessToken, refreshToken, saysRefreshToken, lifeMs }: Issued, now: number): Grant {
    return {
      accessToken,
      ...(saysRefreshToken && { refreshToken: refreshToken.name }),
      issuedAt: now,
      ...(lifeMs !== undefined && { expiresAt: now + plan.model.lifeMs }),
    }
  }
}

/** Asks the server to revoke a grant that is not stored. */
export function discard(simulation: SimulationContext, worker: Worker, grant: Grant): Promise<void> {
  const { server, time } = simulation
  if (!worker.alive) return forever()
  return new Promise((resolve) => {
    const arrives = !simulation.happens('requestLost') && !simulation.suffers(worker, 'server_down')
    time.after(between(simulation, 20, 400), () => {
      const family = server.familyOf(grant.accessToken)
      if (arrives && family !== undefined) server.end(family, 'discarded')
      simulation.note(worker.id, () => `discards ${grant.accessToken}`)
      if (worker.alive) resolve()
    })
  })
}

const notSent = () =>
  new ConnectorError('MCP_CONNECTION_ERROR', 'The server could not be reached.', { outcome: 'not_processed' })
const appRefused = () => new ConnectorError('CONFIGURATION_ERROR', 'invalid_client', { reason: 'invalid_client' })
const limited = (retryAfterMs: number) =>
  new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', 'Too many requests.', { retryAfterMs, outcome: 'not_processed' })
const serverFailed = () => new ConnectorError('MCP_SERVER_ERROR', 'The server failed.', { status: 502 })
const invalidGrant = () =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The grant was refused.', { reason: 'invalid_grant' })
