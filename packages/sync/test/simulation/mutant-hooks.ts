import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from './mutants.ts'
import type { Mutant } from './mutants.ts'
import type { RunSync } from './runs.ts'

const QUERY = /\?mutant=(\d+)$/

/** Returns the engine with one step broken. Only the modules of this engine are loaded again, from changed text. */
export async function mutantEngine(mutant: Mutant): Promise<RunSync> {
  const { runSync } = (await import(`../../src/engine.ts?mutant=${mutants.indexOf(mutant)}`)) as { runSync: RunSync }
  return runSync
}

/** Returns the text of a source with the edits of a mutant. Every edit has to find its text exactly once. */
export function mutatedText(mutant: Mutant, file: string, text: string): string {
  let mutated = text
  for (const { from, to } of mutant.edits.filter((edit) => edit.file === file)) {
    const found = mutated.match(pattern(from, 'g')) ?? []
    if (found.length !== 1) throw new Error(`"${mutant.name}" finds its text ${found.length} times in ${file}: ${from}`)
    mutated = mutated.replace(pattern(from), () => to)
  }
  return mutated
}

/** Returns a pattern that ignores where the formatter breaks lines. */
const pattern = (text: string, flags = ''): RegExp =>
  new RegExp(
    text
      .trim()
      .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\s+/g, '\\s+'),
    flags,
  )

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const [query] = QUERY.exec(context.parentURL ?? '') ?? []
    // What a mutant imports from its own package belongs to the mutant.
    return query !== undefined && specifier.startsWith('.') ? { ...resolved, url: `${resolved.url}${query}` } : resolved
  },
  load(url, context, next) {
    const [query, index] = QUERY.exec(url) ?? []
    const mutant = query === undefined ? undefined : mutants[Number(index)]
    if (query === undefined || mutant === undefined) return next(url, context)
    const path = fileURLToPath(url.slice(0, -query.length))
    const source = stripTypeScriptTypes(mutatedText(mutant, basename(path), readFileSync(path, 'utf8')))
    return { format: 'module', source, shortCircuit: true }
  },
})
