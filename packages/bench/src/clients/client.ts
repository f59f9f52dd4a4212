/** Things in the answer of the local server. */
export const ITEMS = 20

/** A token of ordinary length, which opens nothing. */
export const TOKEN = 'bench-token-'.padEnd(64, '0123456789')

/**
 * Gets a client ready to call the local server.
 * @param base the server's address, without a trailing slash
 * @returns makes one call, and answers the items of the parsed answer
 */
export type OpenClient = (base: string) => Promise<() => Promise<readonly unknown[]>>

export interface Listing {
  readonly items: readonly unknown[]
}
