import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A fixture of `fixtures/<tool>.json`, as far as tests beside the contract read it. */
export interface Fixture {
  readonly tool: string
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly responses: readonly { readonly status?: number; readonly json?: unknown }[]
  readonly output?: unknown
}

type Written = Omit<Fixture, 'tool' | 'responses'> & {
  readonly response?: Fixture['responses'][number]
  readonly responses?: Fixture['responses']
}

/**
 * Reads every fixture of a connector but those of the check request.
 * @param tests the folder of its tests
 */
export function readFixtures(tests: string): readonly Fixture[] {
  const folder = join(tests, 'fixtures')
  return readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ''))
    .filter((tool) => tool !== 'check')
    .flatMap((tool) => {
      const content = JSON.parse(readFileSync(join(folder, `${tool}.json`), 'utf8')) as Written | readonly Written[]
      return [content].flat().map(({ name, input, response, responses, ...rest }): Fixture => ({
        tool,
        name: name ?? 'as usual',
        input,
        responses: responses ?? (response === undefined ? [] : [response]),
        ...rest,
      }))
    })
}
