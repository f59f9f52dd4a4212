/** The fields of a credential, for forms and for storage. */
export type CredentialFields = Readonly<Record<string, CredentialField>>

export interface CredentialField {
  /** The label in a form: "API key". */
  readonly label: string
  /** False if the value may be shown, such as a user name. */
  readonly secret: boolean
  readonly description?: string | undefined
  /** True if the field may be omitted. */
  readonly optional?: boolean | undefined
  /** True if the value may begin or end with whitespace, such as a password. */
  readonly verbatim?: boolean | undefined
}

type OptionalField<Fields> = {
  [K in keyof Fields]: Fields[K] extends { readonly optional: true } ? K : never
}[keyof Fields]

// No `| undefined` here: with it, a strategy with an optional field does not match `AuthStrategy`.
export type CredentialOf<Fields> = { readonly [K in Exclude<keyof Fields, OptionalField<Fields>>]: string } & {
  readonly [K in OptionalField<Fields>]?: string
}

/**
 * Settings that follow from a credential, by name: the region in a key, the account of an id. Each function is pure, and
 * returns undefined if the credential does not say. A setting that the host passes takes precedence.
 */
// A method's type, so that functions of particular fields are still functions of a credential.
export type CredentialSettings<Credential = Readonly<Record<string, string>>> = Readonly<
  Record<string, { from(credential: Credential): string | undefined }['from']>
>

/** Returns the settings that follow from a credential. */
export const settingsFrom = (
  settings: CredentialSettings | undefined,
  credential: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(settings ?? {}).flatMap(([name, from]) => {
      const value = from(credential)
      return value === undefined ? [] : [[name, value]]
    }),
  )
