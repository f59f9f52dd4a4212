/**
 * Keeps the key-encryption keys, and does the only two things that are ever done with them: it wraps data keys, and
 * unwraps them again. `localKeyring` does it in this process; a key management service (AWS, Google Cloud, Vault) does
 * it elsewhere, and its keys never come here.
 *
 * Both methods may be slow and may fail: what they answer is kept for a while, and asked for again after a failure.
 * Let the service's own client retry.
 */
export interface KeyProvider {
  /**
   * Wraps under the key that is current now.
   * @param dataKey 32 bytes
   * @param context what `unwrap` will be called with: bind it to what you answer, as associated data (AWS KMS calls it
   *   encryption context). It is no secret, and it names the tenant.
   */
  wrap(dataKey: Uint8Array<ArrayBuffer>, context: KeyContext): Promise<WrappedKey>
  /**
   * The data key that was wrapped, in a fresh array.
   * @throws anything, if the key-encryption key is gone, or if `context` is not the one of `wrap`
   */
  unwrap(wrapped: WrappedKey, context: KeyContext): Promise<Uint8Array>
}

export interface WrappedKey {
  /** The key-encryption key, by a name that stays when another one becomes current: an id or ARN, not an alias. */
  readonly keyId: string
  readonly wrapped: Uint8Array
}

/** Where a data key belongs: the same three names each time, none of them secret. */
export interface KeyContext extends Readonly<Record<string, string>> {
  readonly purpose: string
  /** `tenant/` and the tenant, escaped as in a key of the store, or `shared`. */
  readonly scope: string
  /** The data key's own name. */
  readonly dataKey: string
}
