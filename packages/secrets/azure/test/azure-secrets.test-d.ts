import { SecretClient } from '@azure/keyvault-secrets'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, it } from 'vitest'
import { azureSecrets } from '../src/index.ts'

it('accepts the client of Azure', () => {
  const credential = { getToken: async () => null }
  expectTypeOf(azureSecrets(new SecretClient('https://app.vault.azure.net', credential))).toExtend<SecretSource>()
  // @ts-expect-error an address is no client
  azureSecrets('https://app.vault.azure.net')
})
