import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A server-sent event; a string is its data. */
export type StreamedEvent = string | { readonly event?: string; readonly data?: unknown }

/** A fixture of `fixtures/<tool>.json`, as far as tests beside the contract read it. */
export interface Fixture<Input = Readonly<Record<string, unknown>>> {
  readonly tool: string
  readonly name: string
  readonly input: Input
  /** Settings of the connector that the fixture needs. */
  readonly settings?: object
  readonly requests: readonly Readonly<Record<string, unknown>>[]
  readonly responses: readonly {
    readonly status?: number
    readonly headers?: Readonly<Record<string, string>>
    readonly json?: unknown
    readonly events?: readonly StreamedEvent[]
  }[]
  readonly output?: unknown
}

type Written<Input> = Omit<Fixture<Input>, 'tool' | 'input' | 'requests' | 'responses'> & {
  readonly input?: Input
  readonly request?: Fixture['requests'][number]
  readonly requests?: Fixture['requests']
  readonly response?: Fixture['responses'][number]
  readonly responses?: Fixture['responses']
}

/**
 * Reads every fixture of a connector but those of the check request.
 * @param tests the folder of its tests
 */
export function readFixtures<Input = Fixture['input']>(tests: string): readonly Fixture<Input>[] {
  const folder = join(tests, 'fixtures')
  return readdirSync(folder)
    .map((file) => file.replace(/\.json$/, ''))
    .filter((tool) => tool !== 'check')
    .flatMap((tool) => {
      const content = JSON.parse(readFileSync(join(folder, `${tool}.json`), 'utf8')) as
        | Written<Input>
        | readonly Written<Input>[]
      return [content]
        .flat()
        .map(({ name, input = {} as Input, request, requests, response, responses, ...rest }): Fixture<Input> => ({
          tool,
          name: name ?? 'as usual',
          input,
          requests: requests ?? (request === undefined ? [] : [request]),
          responses: responses ?? (response === undefined ? [] : [response]),
          ...rest,
        }))
    })
}

/**
 * Reads the fixtures of the calls that succeed, each with a title for `it.each`.
 * @param tests the folder of the connector's tests
 */
export const succeedingCases = <Input = Fixture['input']>(
  tests: string,
): readonly (readonly [title: string, fixture: Fixture<Input>])[] =>
  readFixtures<Input>(tests)
    .filter((fixture) => 'output' in fixture)
    .map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture])
