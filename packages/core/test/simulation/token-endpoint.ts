import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { unexplainedRefusal } from '../../src/oauth/server-request.ts'
import type { Issued } from './authorization-server.ts'
import { between, forever, type Scene } from './scene.ts'
import type { Worker } from './worker.ts'

/** One showing of a refresh token to the authorization server. */
export interface Presentation {
  readonly worker: Worker
  readonly token: string
  readonly at: number
  /** When the presenter's lease was written. */
  readonly leasedAt: number
  /** When a lease was last taken over too early, because of a wrong clock. */
  readonly strayTakeoverAt: number
  /** What the presenter knows of its end. `open`: nothing yet, or never, if its process has ended. */
  end: 'open' | 'granted' | 'refused' | 'not_processed' | 'failed' | 'timed_out'
  /** What the server gave for it, whoever knows. */
  issued: Issued | undefined
  /** When a row with it was written. */
  storedAt: number | undefined
}

/** The way to the token endpoint and back. */
export function present(scene: Scene, worker: Worker, record: ConnectionRecord, signal: AbortSignal): Promise<Grant> {
  const { judge, plan, server, time } = scene
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
  scene.note(worker.id, () => `shows ${presentation.token}`)
  if (scene.happens('crashWhileAsking')) {
    time.after(between(scene, 0, 3000), () => {
      if (presentation.end === 'open') scene.crash(worker, 'while it asked for a token')
    })
  }

  return new Promise<Grant>((resolve, reject) => {
    const end = (how: Presentation['end'], run: () => void): void => {
      if (how === 'timed_out') settle(how, run)
      else worker.meet(() => settle(how, run))
    }
    const settle = (how: Presentation['end'], run: () => void): void => {
      if (!worker.alive || presentation.end !== 'open') return
      if (scene.happens('cutOffAtReply')) worker.cutOffUntil = time.now + between(scene, 100, 90_000)
      if (how !== 'timed_out' && scene.happens('crashAtReply'))
        return scene.crash(worker, 'with the answer of the server')
      presentation.end = how
      scene.note(
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
    const wayMs = (): number => between(scene, 20, 400)

    if (scene.happens('requestLost')) return
    if (scene.suffers(worker, 'server_down') || scene.happens('requestRefused')) {
      if (scene.random() < 0.5) time.after(wayMs(), () => refuse(notSent(), 'not_processed'))
      return
    }
    const arrive = () => {
      const reply = answer()
      if (scene.happens('replyLost')) return
      const slowMs = scene.happens('replySlow') ? between(scene, 1000, 45_000) : 0
      time.after(wayMs() + slowMs, reply)
    }
    time.after(wayMs(), arrive, true)

    function answer(): () => void {
      if (scene.suffers(worker, 'app_refused')) return () => refuse(appRefused(), 'not_processed')
      if (scene.suffers(worker, 'server_limiting')) {
        const retryAfterMs = Math.round(between(scene, 1000, plan.rare.longWaits ? 30 * 24 * 3_600_000 : 40_000))
        return () => refuse(limited(retryAfterMs), 'not_processed')
      }
      const failing = scene.suffers(worker, 'server_failing')
      const gateway = failing ? scene.random() < 0.1 : scene.happens('gatewayError')
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

/** Asks the server to end what nobody may use any more. */
export function discard(scene: Scene, worker: Worker, grant: Grant): Promise<void> {
  const { server, time } = scene
  if (!worker.alive) return forever()
  return new Promise((resolve) => {
    const arrives = !scene.happens('requestLost') && !scene.suffers(worker, 'server_down')
    time.after(between(scene, 20, 400), () => {
      const family = server.familyOf(grant.accessToken)
      if (arrives && family !== undefined) server.end(family, 'discarded')
      scene.note(worker.id, () => `discards ${grant.accessToken}`)
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
