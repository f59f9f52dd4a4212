/**
 * Where one kind of secret reference is read: environment variables, files, a secret manager.
 *
 * A reference is text such as `vault:kv/app#key`; a source gets what stands behind `scheme:`. It answers the secret, or
 * fails with a `ConnectorError` that names the reference and what to do: `CONFIGURATION_ERROR` where nothing is there or
 * access is denied, a retryable code where another attempt can help. No error holds a secret.
 */
export interface SecretSource {
  /** Lower-case letters, digits, `+`, `.` and `-`, beginning with a letter; at least two characters. */
  readonly scheme: string
  read(reference: string, options: { readonly signal?: AbortSignal | undefined }): Promise<string>
}
