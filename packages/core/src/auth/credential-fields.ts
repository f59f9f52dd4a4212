/** What a credential consists of, field by field, so that a form can ask for it and a store can keep it. */
export type CredentialFields = Readonly<Record<string, CredentialField>>

export interface CredentialField {
  /** What a person calls it: "API key". */
  readonly label: string
  /** False for what may be shown, such as a user name. */
  readonly secret: boolean
  readonly description?: string | undefined
  /** True for what may be left out. */
  readonly optional?: boolean | undefined
  /** True for text that may begin or end with whitespace, such as a password. */
  readonly verbatim?: boolean | undefined
}

type OptionalField<Fields> = {
  [K in keyof Fields]: Fields[K] extends { readonly optional: true } ? K : never
}[keyof Fields]

// Without `| undefined`, or a strategy with an optional field would be none for the compiler.
export type CredentialOf<Fields> = { readonly [K in Exclude<keyof Fields, OptionalField<Fields>>]: string } & {
  readonly [K in OptionalField<Fields>]?: string
}
