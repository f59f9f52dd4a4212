import type { Stored, Version } from '@mcpclient/core'

const RANDOM_BYTES = 12
/** 12 bytes in base64url. */
const VERSION_LENGTH = 16

/**
 * A version that was never there and never comes again. A counter would start over when it is deleted, and fall back
 * when a replica takes over that had not heard of the last writes; 96 random bits do neither.
 */
export function newVersion(): Version {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/** Whether a text can be a version of this store at all. */
export const isVersion = (text: string): boolean => text.length === VERSION_LENGTH

export const keep = ({ value, version }: Stored): string => version + value

export const readKept = (text: string): Stored => ({
  value: text.slice(VERSION_LENGTH),
  version: text.slice(0, VERSION_LENGTH),
})
