import type { Stored, Version } from '@mcpclient/core'

const RANDOM_BYTES = 12
/** 12 bytes in base64url. */
const VERSION_LENGTH = 16

/**
 * Returns a version that never repeats. A counter would restart after a delete, and go back when a replica without the
 * last writes takes over. 96 random bits do neither.
 */
export function newVersion(): Version {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/** Returns whether a string can be a version of this store. */
export const isVersion = (text: string): boolean => text.length === VERSION_LENGTH

export const encodeStored = ({ value, version }: Stored): string => version + value

export const decodeStored = (text: string): Stored => ({
  value: text.slice(VERSION_LENGTH),
  version: text.slice(0, VERSION_LENGTH),
})
