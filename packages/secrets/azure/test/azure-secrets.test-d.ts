import { SecretClient } from '@azure/keyvault-secrets'
import type { SecretSource } from '@mcpclient/core/secrets'
import { expectTypeOf, test } from 'vitest'
import { azureSecrets } from '../src/index.ts'

test('the client of Azure is what it takes', () => {
  const credential = { getToken: async () => null }
  expectTypeOf(azureSecrets(new SecretClient('https://app.vault.azure.net', credential))).toExtend<SecretSource>()
  // @ts-expect-error an address is no client
  azureSecrets('https://app.vault.azure.net')
})
