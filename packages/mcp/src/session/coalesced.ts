import type { Clock } from '@mcpclient/core'

/** The shortest pause between two runs. It doubles while requests keep coming. */
const MIN_PAUSE_MS = 100
const MAX_PAUSE_MS = 30_000

/** Runs a task when it is requested, and once more for all requests that arrive during the run or shortly after. */
export class Coalesced {
  readonly #clock: Clock
  readonly #run: () => void | Promise<void>
  #state: 'idle' | 'running' | 'pausing' | 'stopped' = 'idle'
  #requested = false
  #pauseMs = MIN_PAUSE_MS
  #cancelPause: (() => void) | undefined

  /** @param run must not reject */
  constructor(clock: Clock, run: () => void | Promise<void>) {
    this.#clock = clock
    this.#run = run
  }

  request(): void {
    this.#requested = true
    if (this.#state === 'idle') this.#start().catch(() => undefined)
  }

  stop(): void {
    this.#state = 'stopped'
    this.#cancelPause?.()
  }

  async #start(): Promise<void> {
    this.#state = 'running'
    // A request during the first run is served without a pause, so that no reader waits for it.
    for (let runs = 0; this.#requested && runs < 2 && this.#isRunning; runs++) {
      this.#requested = false
      await this.#run()
    }
    if (this.#isRunning) this.#pause()
  }

  /** A getter, because the state may change during a wait, which the compiler does not see. */
  get #isRunning(): boolean {
    return this.#state === 'running'
  }

  #pause(): void {
    this.#state = 'pausing'
    this.#cancelPause = this.#clock.schedule(this.#pauseMs, () => {
      if (!this.#requested) {
        this.#state = 'idle'
        this.#pauseMs = MIN_PAUSE_MS
        return
      }
      this.#pauseMs = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2)
      this.#start().catch(() => undefined)
    })
  }
}
