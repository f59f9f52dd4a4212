/**
 * Holds the key-encryption keys, and wraps and unwraps data keys with them. `localKeyring` does so in this process. A key
 * management service (AWS, Google Cloud, Vault) does so elsewhere, and its keys never reach this process.
 *
 * Both methods may be slow and may fail. Results are cached, and failures are not. Leave retries to the client of the
 * service.
 */
export interface KeyProvider {
  /**
   * Wraps a data key under the current key-encryption key.
   * @param dataKey 32 bytes
   * @param context what `unwrap` receives too; bind it to the result as associated data (the encryption context of AWS
   *   KMS). It is not secret, and names the tenant.
   */
  wrap(dataKey: Uint8Array<ArrayBuffer>, context: KeyContext): Promise<WrappedKey>
  /**
   * Returns the data key in a new array.
   * @throws any error, if the key-encryption key is gone or `context` differs from the one of `wrap`
   */
  unwrap(wrapped: WrappedKey, context: KeyContext): Promise<Uint8Array>
}

export interface WrappedKey {
  /** The id of the key-encryption key. It must not change when another key becomes current: no alias. */
  readonly keyId: string
  readonly wrapped: Uint8Array
}

/** The context of a data key: three fixed names. None of the values is secret. */
export interface KeyContext extends Readonly<Record<string, string>> {
  readonly purpose: string
  /** The owner of the data key: `tenant/` and the tenant, escaped as in a store key, or `shared`. */
  readonly owner: string
  /** The id of the data key. */
  readonly dataKey: string
}
