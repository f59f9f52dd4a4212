import { ConnectorError } from '../errors/connector-error.ts'

/** Looked up when first used: in some runtimes it is not there while modules load, or not allowed to be used. */
export function webCrypto(): Crypto {
  const { crypto } = globalThis as { crypto?: Crypto | undefined }
  if (crypto?.subtle === undefined) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'encrypted() needs WebCrypto (globalThis.crypto.subtle). Browsers offer it on https: pages only.',
    )
  }
  return crypto
}

export const randomBytes = (count: number): Uint8Array<ArrayBuffer> =>
  webCrypto().getRandomValues(new Uint8Array(count))
