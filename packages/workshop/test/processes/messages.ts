import type { StoreAddress } from './open-store.ts'

/** The settings of a worker. */
export interface WorkerSettings {
  /** A unique name among the processes of the host. */
  readonly name: string
  readonly store: StoreAddress
  readonly issuer: string
  readonly redirectUri: string
  /** Milliseconds for which no other process uses the refresh token of this process. */
  readonly leaseMs: number
}

/** The orders to a worker; {@link Results} has its results. */
export type Order =
  | { readonly do: 'begin' }
  | { readonly do: 'complete'; readonly callback: string }
  /** Makes this many calls at once. */
  | { readonly do: 'call'; readonly times: number }
  /** Starts this many callers, each with one call after the other until `stop`. */
  | { readonly do: 'loop'; readonly width: number }
  | { readonly do: 'stop' }
  | { readonly do: 'status' }

export interface Results {
  readonly begin: string
  readonly complete: string
  /** The result of each call: `ok`, or the reason or code of its failure. */
  readonly call: readonly string[]
  readonly loop: true
  /** The number of calls by result since the process started. */
  readonly stop: Readonly<Record<string, number>>
  readonly status: { readonly state: string; readonly reason?: string | undefined }
}
