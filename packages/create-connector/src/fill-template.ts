import { spellingsOf } from './spellings.ts'
import type { Spellings } from './spellings.ts'

/** Files by path from their folder. */
export type Files = ReadonlyMap<string, string>

interface Manifest {
  readonly [key: string]: unknown
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** The connector that the template describes. It has two words, so that every spelling is a text of its own. */
const example = spellingsOf('example-service')
const baseUrlOf = ({ kebab }: Spellings): string => `https://api.${kebab}.example/v1/`

/**
 * Makes a connector package out of the template: replaces every spelling of the example, and the ranges of dependencies.
 * @param baseUrl the base URL of the API; undefined for one that does not exist
 * @param ranges the range of each dependency that the template names
 * @throws Error if the template uses the name for something else
 */
export function fillTemplate(
  template: Files,
  names: Spellings,
  baseUrl: string | undefined,
  ranges: Readonly<Record<string, string>>,
): Files {
  for (const text of template.values()) {
    if (names.camel !== example.camel && declaredIn(text).has(names.camel)) {
      throw new Error(`The template uses "${names.camel}" itself. Choose another name: ${names.kebab}-api.`)
    }
  }
  const replacements = new Map([
    [baseUrlOf(example), baseUrl ?? baseUrlOf(names)],
    [example.packageName, names.packageName],
    [example.kebab, names.kebab],
    [example.camel, names.camel],
    [example.pascal, names.pascal],
    [example.title, names.title],
  ])
  const spelling = new RegExp([...replacements.keys()].map((key) => key.replaceAll('.', '\\.')).join('|'), 'g')
  const replace = (text: string): string => text.replace(spelling, (found) => replacements.get(found) ?? found)
  return new Map(
    [...template].map(([path, text]) => {
      const target = replace(targetOf(path))
      return [target, target === 'package.json' ? withRanges(replace(text), ranges) : replace(text)]
    }),
  )
}

/** Returns the name of a file without its leading underscore, which hides it from the tools of this repository and from npm. */
const targetOf = (path: string): string => path.replace(/(^|\/)_/, '$1')

function withRanges(text: string, ranges: Readonly<Record<string, string>>): string {
  const manifest = JSON.parse(text) as Manifest
  const rangesOf = (list: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.keys(list).map((name) => {
        const range = ranges[name]
        if (range === undefined) throw new Error(`The template needs ${name}, and no range is known for it.`)
        return [name, range]
      }),
    )
  const filled = {
    ...manifest,
    dependencies: rangesOf(manifest.dependencies),
    devDependencies: rangesOf(manifest.devDependencies),
    peerDependencies: rangesOf(manifest.peerDependencies),
  }
  return `${JSON.stringify(filled, undefined, 2)}\n`
}

/** Returns the names that a module imports or declares at its top level. */
function declaredIn(text: string): ReadonlySet<string> {
  const imported = [...text.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) => names.split(','))
  const declared = [...text.matchAll(/^(?:import \* as|const|function) (\w+)/gm)].map(([, name = '']) => name)
  return new Set([...imported, ...declared].map((name) => name.trim()))
}
