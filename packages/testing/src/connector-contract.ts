import { describe, it } from 'vitest'
import { connectorChecks } from './connector-checks.ts'
import type { ConnectorFixture } from './contract/fixture.ts'
import { readFixtureFiles } from './contract/read-fixture-files.ts'
import { contractSubject } from './contract/subject.ts'
import type { ContractFactory, ContractSubject, Credential } from './contract/subject.ts'

export interface ConnectorContractOptions<Options = object> {
  /** What the factory needs to be called with, the credential apart. */
  readonly options?: Partial<Options> | undefined
  /**
   * A credential in the form that the auth asks for, where made-up text will not do: a private key, say. A function
   * gives each tenant one of its own, which lets the contract prove that they are never mixed up.
   */
  readonly credential?: Credential | ((tenant: string) => Credential) | undefined
  /** Settings of every connection. */
  readonly settings?: object | undefined
  /** Fixtures beside those in `fixtures/*.json`. */
  readonly fixtures?: readonly ConnectorFixture[] | undefined
  /** Checks that this connector cannot pass, by their names, and why; the reason stands in the test's title. */
  readonly skip?: Readonly<Record<string, string>> | undefined
}

/**
 * Registers the contract of a connector with vitest: a test for each promise. It reads `fixtures/*.json` beside the
 * test, talks to a scripted provider through the real core, and waits on a fake clock.
 *
 * @example
 * connectorContract(slack, import.meta)
 *
 * @param factory what `defineConnector` returned
 * @param meta `import.meta` of the test
 * @throws Error if `skip` names no check, or gives no reason
 */
export function connectorContract<Options>(
  factory: ContractFactory<Options>,
  meta: { readonly url: string },
  options: ConnectorContractOptions<NoInfer<Options>> = {},
): void {
  const { skip = {}, fixtures = [] } = options
  for (const [name, reason] of Object.entries(skip)) {
    if (!connectorChecks.some((check) => check.name === name)) throw new Error(`The contract has no check "${name}".`)
    if (reason.trim() === '') throw new Error(`Say why the check "${name}" is skipped.`)
  }
  let subject: Promise<ContractSubject> | undefined
  const load = async (): Promise<ContractSubject> => {
    const inline = fixtures.map((content, index) => ({ source: `fixture ${index + 1}`, content }))
    return contractSubject(factory, [...(await readFixtureFiles(meta.url)), ...inline], options)
  }

  describe(`the connector contract over ${factory.type}`, () => {
    for (const check of connectorChecks) {
      const reason = skip[check.name]
      if (reason !== undefined) {
        it.skip(`${check.name} [skipped: ${reason}]`)
        continue
      }
      it(check.name, async (context) => {
        const verdict = await check.run(await (subject ??= load()))
        if (verdict !== undefined) context.skip(verdict.because)
      })
    }
  })
}
