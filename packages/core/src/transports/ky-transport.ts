import type { KyInstance, Options } from 'ky'
import type { Transport } from '../ports/transport.ts'
import { initOf, responseOf } from './fetch-transport.ts'

/**
 * Creates a transport over ky and the platform's `fetch`. ky's retries, timeout and redirects are off,
 * because only the pipeline knows the effect of a call. Pass hooks or a `fetch` as ky's options.
 *
 * ky is loaded with the first request, because importing it costs more than importing the rest of core.
 * @param options ky's options; the pipeline overrides retries, timeout, error handling and redirects
 */
export function kyTransport(options: Options = {}): Transport {
  const fixed = { ...options, retry: 0, timeout: false, throwHttpErrors: false, redirect: 'manual' } as const
  const isPlain = Object.keys(options).every((name) => name === 'fetch')
  let loading: Promise<KyInstance> | undefined
  const load = () =>
    (loading ??= import('ky').then(({ default: ky }) => {
      // Merges the options once instead of for each request. Without options there is nothing to merge.
      return isPlain ? ky : ky.create(fixed)
    }))
  return {
    async send(request) {
      const ky = await load()
      const { signal, headers, ...rest } = initOf(request)
      // ky joins the signal with its own and copies headers several times, which costs more than the rest of its work. Its
      // own signal only serves its timeout, which is off, and only hooks read the headers. So both go straight to `fetch`,
      // except headers with a body, to which ky adds.
      const direct = isPlain && request.body === undefined && headers !== undefined
      const late = { ...(signal && { signal }), ...(direct && { headers }) }
      const fetch: Options['fetch'] = (input, init) => (options.fetch ?? globalThis.fetch)(input, { ...init, ...late })
      try {
        return responseOf(
          await ky(request.url, { ...(isPlain && fixed), ...rest, ...(!direct && headers && { headers }), fetch }),
        )
      } catch (error) {
        const { transportError } = await import('./transport-failure.ts')
        throw transportError(error, request)
      }
    },
    async prewarm() {
      await load()
    },
  }
}
