import { isLoopback } from '../oauth/redirect-uri.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Issue } from '../errors/connector-error.ts'
import { shownName } from '../errors/shown-name.ts'
import { nearestNames } from '../errors/nearest-names.ts'

/**
 * Validates the options of a connector's factory that the definition's schema does not cover, and returns a copy.
 * @param known the names of the options; undefined if only the schema knows them
 * @throws ConnectorError CONFIGURATION_ERROR that lists every mistake
 */
export function checkedOptions(
  id: string,
  options: unknown,
  known: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  const given = copyOf(id, options)
  const { baseUrl } = given
  const problem = baseUrl === undefined ? undefined : baseUrlProblem(baseUrl)
  const issues: Issue[] = problem === undefined ? [] : [{ path: 'baseUrl', message: problem }]
  for (const name of Object.keys(given)) {
    if (known === undefined || known.includes(name) || issues.length >= MAX_ISSUES) continue
    const [nearest] = nearestNames(name, known)
    issues.push({ path: shownName(name), message: `is not an option; did you mean ${nearest}` })
  }
  if (issues.length === 0) return given
  const list = issues.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new ConnectorError('CONFIGURATION_ERROR', `${id} cannot use its options: ${list}.`, {
    issues,
    hint: 'Correct every option that the issues name.',
  })
}

/**
 * Returns the secrets of a webhook as a list; undefined if the host gave none.
 * @throws ConnectorError CONFIGURATION_ERROR if one is empty or no string. The error does not show it.
 */
export function signingSecretsOf(id: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const secrets: readonly unknown[] = [value].flat()
  const isUsable = (secret: unknown): secret is string => typeof secret === 'string' && secret.trim() !== ''
  if (secrets.length > 0 && secrets.every(isUsable)) return secrets
  throw new ConnectorError('CONFIGURATION_ERROR', `The signingSecret of ${id} is empty or no string.`, {
    issues: [{ path: 'signingSecret', message: 'must be a secret, or a list of secrets' }],
    hint: 'Check the environment variable that holds it. Without a secret, every sender would be accepted.',
  })
}

const MAX_ISSUES = 20

function copyOf(id: string, options: unknown): Readonly<Record<string, unknown>> {
  try {
    if (typeof options === 'object' && options !== null && !Array.isArray(options)) return { ...options }
  } catch {
    // A getter or a proxy threw.
  }
  throw new ConnectorError('CONFIGURATION_ERROR', `The options of ${id} are not a plain object.`, {
    hint: `Pass an object: ${id}({ ... }).`,
  })
}

/** Returns the problem of a base URL as the rest of a sentence, or undefined if it is valid. */
function baseUrlProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^https?:\/\/[^/?#]/i.test(value) || !URL.canParse(value)) {
    return 'must be an absolute URL such as https://api.example/v1/'
  }
  const url = new URL(value)
  if (url.protocol === 'http:' && !isLoopback(url) && !isPrivate(url)) {
    return 'must use https: only loopback and private hosts can use http'
  }
  if (/[?#]/.test(value)) return 'must not have a query or a fragment'
  return url.username + url.password === '' ? undefined : 'must not contain a user name or a password'
}

/** Returns whether a host is not in public DNS: a container name, a private address (RFC 1918, 4193), a reserved suffix. */
const isPrivate = ({ hostname }: URL): boolean =>
  !/[.:]/.test(hostname) ||
  /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$|^\[f[cd]|\.(?:internal|local|test)$/.test(hostname)
