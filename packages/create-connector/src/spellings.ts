/** The ways in which a package spells the name of its connector. */
export interface Spellings {
  readonly packageName: string
  /** `acme-mail`: the connector's id, and its files and folder. */
  readonly kebab: string
  /** `acmeMail`: the exported constant. */
  readonly camel: string
  /** `AcmeMail`: the start of exported types. */
  readonly pascal: string
  /** `Acme Mail`: the display name. */
  readonly title: string
}

const NAME = /^(@[a-z0-9][a-z0-9._-]*\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/
/** The limit of registries. */
const MAX_PACKAGE_NAME = 214
/** Names that a module cannot declare, and `index`, whose file is the entry of the package. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in index instanceof interface let new null package private ' +
    'protected public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)

/**
 * Spells a name in every way that the package needs.
 * @param name in kebab-case, with or without a scope: without one, the package is called `mcpclient-<name>`
 * @throws Error if the name is not valid
 */
export function spellingsOf(name: string): Spellings {
  const [, scope, kebab = ''] = NAME.exec(name) ?? []
  if (kebab === '') {
    throw new Error(
      `"${name}" is not a valid name. Use lowercase letters, digits and hyphens, and start with a letter: acme-mail or @my-org/acme-mail.`,
    )
  }
  if (RESERVED.has(kebab)) throw new Error(`"${kebab}" is a reserved word. Choose another name: ${kebab}-api.`)
  const packageName = scope === undefined ? `mcpclient-${kebab}` : scope + kebab
  if (packageName.length > MAX_PACKAGE_NAME) {
    throw new Error(`The package name is longer than ${MAX_PACKAGE_NAME} characters. Choose a shorter name.`)
  }
  const words = kebab.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  const pascal = words.join('')
  return { packageName, kebab, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal, title: words.join(' ') }
}
