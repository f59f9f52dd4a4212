/** The number of items in the response of the local server. */
export const ITEMS = 20

/** A token of ordinary length, which opens nothing. */
export const TOKEN = 'bench-token-'.padEnd(64, '0123456789')

/**
 * Prepares a client for calls to the local server.
 * @param base the server's address, without a trailing slash
 * @returns a function that makes one call and returns the items of the parsed response
 */
export type OpenClient = (base: string) => Promise<() => Promise<readonly unknown[]>>

export interface Listing {
  readonly items: readonly unknown[]
}
