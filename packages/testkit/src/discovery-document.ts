import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A method of a Google API, as far as tests read it. */
export interface DiscoveryMethod {
  readonly scopes?: readonly string[]
}

interface Resources {
  readonly resources?: Readonly<Record<string, Resources>>
  readonly methods?: Readonly<Record<string, DiscoveryMethod>>
}

const methodsOf = ({ methods = {}, resources = {} }: Resources): readonly DiscoveryMethod[] => [
  ...Object.values(methods),
  ...Object.values(resources).flatMap(methodsOf),
]

/**
 * Reads every method of Google's own description of an API.
 * @param folder the vendors' descriptions
 */
export const discoveryMethods = (folder: string, name: string): readonly DiscoveryMethod[] =>
  methodsOf(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Resources)
