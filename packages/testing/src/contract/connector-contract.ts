import { describe, it } from 'vitest'
import { checksFor } from './connector-checks.ts'
import type { ConnectorFixture } from './connector-checks/fixture.ts'
import { readFixtureFiles } from './connector-checks/read-fixture-files.ts'
import { readReadme } from './connector-checks/read-readme.ts'
import { contractSubject } from './connector-checks/subject.ts'
import type { ContractFactory, ContractSubject, Credential } from './connector-checks/subject.ts'

export interface ConnectorContractOptions<Options = object> {
  /** Options of the factory, without the credential. */
  readonly options?: Partial<Options> | undefined
  /**
   * A credential of the connector's auth, if a made-up string is not valid: a private key, for example. A function
   * returns one for each tenant, and the contract proves that tenants never share one.
   */
  readonly credential?: Credential | ((tenant: string) => Credential) | undefined
  /** Settings of every connection. Settings that follow from the credential may be omitted. */
  readonly settings?: object | undefined
  /** Fixtures in addition to `fixtures/*.json`. */
  readonly fixtures?: readonly ConnectorFixture[] | undefined
  /** Checks that this connector cannot pass, by name, each with a reason. The reason is part of the test's title. */
  readonly skip?: Readonly<Record<string, string>> | undefined
}

/**
 * Registers the contract of a connector with vitest: one test for each promise. The tests read `fixtures/*.json` beside
 * the calling test, call a scripted provider through the real runtime, and use a fake clock.
 *
 * @example
 * connectorContract(slack, import.meta)
 *
 * @param factory the factory that `defineConnector` returned
 * @param meta `import.meta` of the test
 * @throws Error if `skip` has an unknown check or an empty reason
 */
export function connectorContract<Options>(
  factory: ContractFactory<Options>,
  meta: { readonly url: string },
  options: ConnectorContractOptions<NoInfer<Options>> = {},
): void {
  const { skip = {}, fixtures = [] } = options
  const checks = checksFor(factory)
  for (const [name, reason] of Object.entries(skip)) {
    if (!checks.some((check) => check.name === name)) throw new Error(`The contract has no check "${name}".`)
    if (reason.trim() === '') throw new Error(`Say why the check "${name}" is skipped.`)
  }
  let subject: Promise<ContractSubject> | undefined
  const load = async (): Promise<ContractSubject> => {
    const inline = fixtures.map((content, index) => ({ source: `fixture ${index + 1}`, content }))
    const [files, readme] = await Promise.all([readFixtureFiles(meta.url), readReadme(meta.url, factory)])
    return contractSubject(factory, [...files, ...inline], { ...options, readme })
  }

  describe(`the connector contract over ${factory.type}`, () => {
    for (const check of checks) {
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
