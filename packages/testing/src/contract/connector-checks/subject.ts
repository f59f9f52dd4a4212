import type { Connector, Profile } from '@mcpclient/core'
import type { AnyTool } from '@mcpclient/core/define'
import { readFixture } from './fixture.ts'
import type { Recording } from './fixture.ts'
import type { FixtureFile } from './read-fixture-files.ts'

/** The result of `defineConnector`, with its types erased. */
export interface ContractFactory<Options = never> {
  (options?: Options): Connector
  readonly type: string
  readonly profile: Profile
  readonly tools: Readonly<Record<string, AnyTool>>
}

export type Credential = Readonly<Record<string, string>>

/** The connector under test and the statements of its author. */
export interface ContractSubject {
  readonly factory: ContractFactory
  readonly recordings: readonly Recording[]
  /** Fixtures that cannot be read, a sentence each. */
  readonly problems: readonly string[]
  /** The text of its package's README, if there is one. */
  readonly readme: string | undefined
  /** The arguments of the factory, without the credential. */
  readonly options: object
  readonly settings: object | undefined
  /** A credential of its own for each tenant, full of canaries unless the author gave one. */
  readonly credentialOf: (tenant: string) => Credential
  /** False if the author gave one credential for all. */
  readonly tenantsDiffer: boolean
}

export interface SubjectOptions {
  readonly options?: object | undefined
  readonly credential?: Credential | ((tenant: string) => Credential) | undefined
  readonly settings?: object | undefined
  readonly readme?: string | undefined
}

/** Makes ready what the contract is run over. */
export function contractSubject(
  factory: ContractFactory,
  files: readonly FixtureFile[],
  options: SubjectOptions = {},
): ContractSubject {
  const recordings: Recording[] = []
  const problems: string[] = []
  for (const { source, content, problem } of files) {
    if (problem !== undefined) problems.push(problem)
    for (const given of Array.isArray(content) ? (content as unknown[]) : problem === undefined ? [content] : []) {
      try {
        recordings.push(readFixture(given, source, factory.tools))
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  const { credential } = options
  return {
    factory,
    recordings,
    problems,
    readme: options.readme,
    options: options.options ?? {},
    settings: options.settings,
    credentialOf: typeof credential === 'function' ? credential : (tenant) => credential ?? canaries(factory, tenant),
    tenantsDiffer: typeof credential !== 'object',
  }
}

/** Values that no text holds by chance, and that look different once they are escaped for a URL. */
const canaries = ({ type, profile: { auth } }: ContractFactory, tenant: string): Credential =>
  Object.fromEntries(
    Object.entries(auth.fields)
      // A refresh token needs an app to refresh it with, and the contract has none.
      .filter(([, { optional }]) => auth.flow === undefined || optional !== true)
      .map(([field]) => [field, `heron/${type}+${tenant}~${field}.4417`]),
  )

/** Returns the secret values of a credential. */
export const secretsOf = ({ profile }: ContractFactory, credential: Credential): readonly string[] =>
  Object.entries(profile.auth.fields)
    .filter(([, { secret }]) => secret)
    .map(([name]) => credential[name] ?? '')
    .filter((value) => value !== '')

/** Returns the successful fixtures of every tool. */
export const successes = ({ recordings }: ContractSubject): readonly Call[] =>
  recordings.filter((each): each is Call => each.tool !== undefined && each.succeeds)

/** A recording of a tool, the check request apart. */
export type Call = Recording & { readonly tool: AnyTool }

/** Returns one successful fixture for each tool. */
export function oneEach(subject: ContractSubject): readonly Call[] {
  const calls = new Map<string, Call>()
  for (const call of successes(subject)) if (!calls.has(call.toolName)) calls.set(call.toolName, call)
  return [...calls.values()]
}
