import type { StoreAddress } from './open-store.ts'

/** What a worker is started with. */
export interface WorkerSettings {
  /** No other process of the host is called so. */
  readonly name: string
  readonly store: StoreAddress
  readonly issuer: string
  readonly redirectUri: string
  /** Milliseconds for which nobody else spends what this process is spending. */
  readonly leaseMs: number
}

/** What a worker is asked, and what it answers under the same id. */
export type Order =
  | { readonly do: 'begin' }
  | { readonly do: 'complete'; readonly callback: string }
  /** So many calls at once. */
  | { readonly do: 'call'; readonly times: number }
  /** So many callers, each with one call after the other until `stop`. */
  | { readonly do: 'loop'; readonly width: number }
  | { readonly do: 'stop' }
  | { readonly do: 'status' }

export interface Answers {
  readonly begin: string
  readonly complete: string
  /** What each call came to: `ok`, or the reason or code of its failure. */
  readonly call: readonly string[]
  readonly loop: true
  /** How often calls came to what, since the process started. */
  readonly stop: Readonly<Record<string, number>>
  readonly status: { readonly state: string; readonly reason?: string | undefined }
}
