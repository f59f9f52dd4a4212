import type { KyInstance, Options } from 'ky'
import type { Transport } from '../ports/transport.ts'
import { initOf, responseOf } from './fetch-transport.ts'
import { transportError } from './transport-failure.ts'

/**
 * ky over the platform's `fetch`: the default. Its retries, time limit and redirects are off, since the pipeline's own
 * know the effect of a call. Pass hooks or a `fetch` of your own as ky's options.
 *
 * ky is loaded with the first request: importing it costs more than importing everything else here.
 * @param options ky's options; those that the pipeline decides about are ignored
 */
export function kyTransport(options: Options = {}): Transport {
  const fixed = { ...options, retry: 0, timeout: false, throwHttpErrors: false, redirect: 'manual' } as const
  const isPlain = Object.keys(options).every((name) => name === 'fetch')
  let loading: Promise<KyInstance> | undefined
  const load = () =>
    (loading ??= import('ky').then(({ default: ky }) => {
      // What is merged once need not be merged for each request; without options of the host's there is nothing to merge.
      return isPlain ? ky : ky.create(fixed)
    }))
  return {
    async send(request) {
      const ky = await load()
      const { signal, headers, ...rest } = initOf(request)
      // ky joins a signal with one of its own, and copies headers several times: together more than the rest of its work.
      // Its own signal only serves its time limit, which is off, and nobody reads the headers where there are no hooks; a
      // body, though, adds to them. So these go straight to `fetch`.
      const direct = isPlain && request.body === undefined && headers !== undefined
      const late = { ...(signal && { signal }), ...(direct && { headers }) }
      const fetch: Options['fetch'] = (input, init) => (options.fetch ?? globalThis.fetch)(input, { ...init, ...late })
      try {
        return responseOf(
          await ky(request.url, { ...(isPlain && fixed), ...rest, ...(!direct && headers && { headers }), fetch }),
        )
      } catch (error) {
        throw transportError(error, request)
      }
    },
    async prewarm() {
      await load()
    },
  }
}
