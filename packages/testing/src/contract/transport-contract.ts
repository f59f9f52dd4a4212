import type { Transport } from '@mcpclient/core'
import { describe, it } from 'vitest'
import { transportChecks } from '../transport-checks.ts'

export interface TransportContractOptions {
  /**
   * The name of the transport in the tests' titles.
   * @default 'a transport'
   */
  readonly name?: string | undefined
}

/** A check moves some megabytes over loopback; the machine may be busy. */
const CHECK_TIMEOUT_MS = 60_000

/**
 * Registers the contract of the transport port with vitest: one test for each promise, over servers on loopback.
 * @param makeTransport creates a transport with its defaults; called once per test, and closed after it
 */
export function transportContract(
  makeTransport: () => Transport | Promise<Transport>,
  options: TransportContractOptions = {},
): void {
  const { name = 'a transport' } = options
  describe(`the transport contract over ${name}`, () => {
    for (const check of transportChecks) {
      it(check.name, { timeout: CHECK_TIMEOUT_MS }, async () => {
        const transport = await makeTransport()
        try {
          await check.run(transport)
        } finally {
          await transport.close?.()
        }
      })
    }
  })
}
