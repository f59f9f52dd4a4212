import { ConnectorError, sleep, storeKey } from '@mcpclient/core'
import type { ClientContext, Job, JobOutcome } from '@mcpclient/core'
import type { Notice } from '@mcpclient/core/define'
import { announce } from './announce.ts'
import { digestOf } from './claims.ts'
import type { Claims } from './claims.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Endpoint } from './endpoints.ts'
import type { Parking } from './parking.ts'

/** Providers repeat a failed delivery for about a day. */
const RETRIES_FOR_MS = 86_400_000
/** The time that a handler has before its notice is handled again by a job. */
const GRACE_MS = 60_000
const MAX_ATTEMPTS = 10
const HANDLER = 'webhook_delivery'

interface Waiting {
  readonly serverId: string
  readonly id: string
  readonly digest: string
  readonly notice: Notice
}

/**
 * Hands notices over, each once if all goes well, and at least once in any case: a notice is accepted when its handlers
 * are done, or when a job that repeats them is stored.
 */
export class Handover {
  readonly #client: ClientContext
  readonly #claims: Claims
  readonly #dispatcher: Dispatcher
  readonly #parking: Parking

  constructor(client: ClientContext, claims: Claims, dispatcher: Dispatcher, parking: Parking) {
    this.#client = client
    this.#claims = claims
    this.#dispatcher = dispatcher
    this.#parking = parking
  }

  /** Registers the function that repeats handlers. Needs a capability that runs jobs. */
  listen(): void {
    this.#client.jobs.handle(HANDLER, (job) => this.#repeat(job))
  }

  /**
   * @param deadline the end of the provider's patience, on the clock's monotonic scale
   * @returns false if the provider has to send the delivery again
   */
  async accept(
    { serverId, webhook }: Endpoint,
    notices: readonly Notice[],
    body: Uint8Array<ArrayBuffer>,
    deadline: number,
  ): Promise<boolean> {
    const retriesForMs = webhook.retriesForMs ?? RETRIES_FOR_MS
    let isAccepted = true
    for (const [at, notice] of notices.entries()) {
      await this.#dispatcher.wake(serverId, notice)
      if (notice.event === undefined) continue
      const digest = await identityOf(notice, body, at)
      const claim = await this.#claims.claim(serverId, digest, retriesForMs)
      if (claim === 'settled') continue
      if (claim === 'taken') {
        isAccepted = false
        continue
      }
      const waiting = { serverId, id: notice.id || digest, digest, notice }
      let isDone = false
      try {
        isDone = await this.#handle(waiting, deadline)
        if (isDone) await this.#claims.settle(serverId, digest, retriesForMs)
      } finally {
        if (!isDone) await this.#claims.release(serverId, digest, claim)
      }
      isAccepted &&= isDone
    }
    return isAccepted
  }

  /** Runs the handlers of a notice again. */
  async replay(serverId: string, id: string, notice: Notice): Promise<void> {
    await this.#dispatcher.wake(serverId, notice)
    await this.#dispatcher.deliver(serverId, id, notice)
  }

  async #handle(waiting: Waiting, deadline: number): Promise<boolean> {
    const { serverId, id, digest, notice } = waiting
    const { clock, logger } = this.#client
    const key = storeKey(serverId, digest)
    const work = this.#dispatcher.deliver(serverId, id, notice).then(
      () => 'done' as const,
      (error: unknown) => {
        logger.warn({ event: 'delivery.handler_failed', serverId, id, error }, 'A webhook handler failed.')
        return 'failed' as const
      },
    )
    const timer = new AbortController()
    const late = sleep(clock, Math.max(0, deadline - clock.monotonic()), timer.signal).then(
      () => 'late' as const,
      () => 'late' as const,
    )
    const end = await Promise.race([work, late])
    timer.abort()
    if (end === 'done') return true
    if (!this.#client.hasJobs) return end === 'late' && (await work) === 'done'
    await this.#client.jobs.schedule(HANDLER, key, { at: clock.now() + GRACE_MS, data: waiting })
    if (end === 'late') void this.#cancelOnce(work, key)
    return true
  }

  /** Cancels the job of a notice whose handlers are done after all. */
  async #cancelOnce(work: Promise<'done' | 'failed'>, key: string): Promise<void> {
    if ((await work) !== 'done') return
    await this.#client.jobs.cancel(HANDLER, key).catch((error: unknown) => {
      this.#client.logger.warn({ event: 'delivery.repeated', error }, 'A notice that was handled is handled again.')
    })
  }

  async #repeat({ data, failures }: Job): Promise<JobOutcome> {
    const { serverId, id, digest, notice } = data as Waiting
    try {
      await this.#dispatcher.deliver(serverId, id, notice)
    } catch (cause) {
      // The first attempt was made when it arrived.
      if (failures + 2 < MAX_ATTEMPTS) throw cause
      const error = ConnectorError.from(cause, `Handling an event of ${serverId}`)
      const parked = await this.#parking.park(serverId, digest, { noticeId: id, notice }, error)
      announce(this.#client, 'delivery.parked', { serverId, id: parked, code: error.code })
    }
    return undefined
  }
}

/**
 * Returns a digest of what identifies a notice. Some ids are unique only for one account, channel or event, and one delivery
 * may hold a notice for each of several accounts under one id.
 */
function identityOf({ id = '', to, event = '' }: Notice, body: Uint8Array<ArrayBuffer>, at: number): Promise<string> {
  const [recipient = []] = Object.entries(to)
  return digestOf(event, ...recipient, ...(id === '' ? [body, String(at)] : [id]))
}
