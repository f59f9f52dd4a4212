import type { Clock } from '@mcpclient/core'
import { invalid } from './failure.ts'

/** Delivery of notifications through Pub/Sub. */
export interface SimulatedGmailPushOptions {
  /** Receives each push, as the endpoint of the subscription does. Absent: nothing is pushed. */
  readonly deliver?: ((request: Request) => Promise<Response>) | undefined
  /** @default 'https://app.example/hooks/mail' */
  readonly pushEndpoint?: string | undefined
  /** Returns the OpenID Connect token of a push. @default none, so that a receiver refuses it */
  readonly authorize?: ((audience: string) => Promise<string>) | undefined
  /** Milliseconds between a change and its notification. @default 1000 */
  readonly pushDelayMs?: number | undefined
}

const LIFE_MS = 7 * 86_400_000
/** Gmail sends at most one notification a second for a user, and drops the rest. */
const MIN_GAP_MS = 1000
const MAX_ATTEMPTS = 5

/** @param historyId returns the current history id */
export function createNotifications(
  clock: Clock,
  user: string,
  historyId: () => number,
  options: SimulatedGmailPushOptions,
) {
  const { deliver, pushEndpoint = 'https://app.example/hooks/mail', authorize, pushDelayMs = 1000 } = options
  let watch: { readonly topicName: string; readonly expiration: number } | undefined
  let last = -Infinity
  let sent = 0
  let lost = 0
  let repeated = 0

  const push = async (body: string, attempt = 1): Promise<void> => {
    sent++
    const token = await authorize?.(pushEndpoint)
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const response = await deliver?.(new Request(pushEndpoint, { method: 'POST', headers, body }))
    if (response?.ok !== true && attempt < MAX_ATTEMPTS)
      later(() => push(body, attempt + 1), pushDelayMs * 2 ** attempt)
  }
  const later = (run: () => Promise<void>, ms: number): void => {
    clock.schedule(ms, () => void run())
  }
  return {
    watch(body: Readonly<Record<string, unknown>>) {
      const { topicName } = body
      if (typeof topicName !== 'string' || !/^projects\/[^/]+\/topics\/[^/]+$/.test(topicName)) {
        throw invalid('Invalid topicName does not match projects/*/topics/*')
      }
      watch = { topicName, expiration: clock.now() + LIFE_MS }
      return { historyId: String(historyId()), expiration: String(watch.expiration) }
    },
    stop() {
      watch = undefined
    },
    /** Returns the watch of the mailbox, if it is live. */
    live: () => (watch !== undefined && watch.expiration > clock.now() ? watch : undefined),
    notify() {
      if (deliver === undefined || watch === undefined || watch.expiration <= clock.now()) return
      if (clock.now() - last < MIN_GAP_MS) return
      last = clock.now()
      if (lost > 0) {
        lost--
        return
      }
      const data = btoa(JSON.stringify({ emailAddress: user, historyId: historyId() }))
      const publishTime = new Date(clock.now()).toISOString()
      const message = { data, messageId: String(7_000_000 + sent), publishTime }
      const body = JSON.stringify({ message, subscription: 'projects/simulated/subscriptions/gmail' })
      later(() => push(body), pushDelayMs)
      if (repeated > 0) {
        repeated--
        later(() => push(body), pushDelayMs * 2)
      }
    },
    lose(count: number) {
      lost += count
    },
    repeat(count: number) {
      repeated += count
    },
    sent: () => sent,
  }
}
