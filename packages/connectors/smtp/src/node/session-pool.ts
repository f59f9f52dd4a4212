import type { MailServer } from '../mailer.ts'
import { Session } from './session.ts'
import type { SessionOptions } from './session.ts'

export interface PoolOptions extends SessionOptions {
  readonly idleMs: number
  readonly maxMessages: number
}

interface Idle {
  readonly session: Session
  readonly timer: NodeJS.Timeout
}

/** Keeps sessions open between messages, for the same server and account. The connector's limits bound their number. */
export class SessionPool {
  readonly #options: PoolOptions
  readonly #idle = new Map<string, Idle[]>()
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Runs work with a session, which is kept only if the work succeeds. */
  async use<Result>(
    server: MailServer,
    signal: AbortSignal | undefined,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const key = JSON.stringify(server)
    const session = await this.#take(key, server, signal)
    try {
      const result = await work(session)
      this.#keep(key, session)
      return result
    } catch (error) {
      session.close()
      throw error
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { session, timer } of [...this.#idle.values()].flat()) {
      clearTimeout(timer)
      session.quit()
    }
    this.#idle.clear()
  }

  async #take(key: string, server: MailServer, signal: AbortSignal | undefined): Promise<Session> {
    for (let idle = this.#idle.get(key)?.pop(); idle !== undefined; idle = this.#idle.get(key)?.pop()) {
      clearTimeout(idle.timer)
      // The server may have ended it meanwhile.
      if (idle.session.isOpen && (await idle.session.reset())) return idle.session
      idle.session.close()
    }
    return Session.open(server, this.#options, signal)
  }

  #keep(key: string, session: Session): void {
    const { idleMs, maxMessages } = this.#options
    if (!session.isOpen) return
    if (this.#isClosed || session.sent >= maxMessages) {
      session.quit()
      return
    }
    const idle = this.#idle.get(key) ?? []
    this.#idle.set(key, idle)
    const timer = setTimeout(() => {
      const at = idle.findIndex((each) => each.session === session)
      if (at !== -1) idle.splice(at, 1)
      session.quit()
    }, idleMs)
    timer.unref()
    idle.push({ session, timer })
  }
}
