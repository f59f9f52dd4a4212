import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import type { SimulatedGmailOptions } from '@mcpclient/testing/simulators'
import { syncScene } from '@mcpclient/testkit'
import type { SyncSceneOptions } from '@mcpclient/testkit'
import { gmail } from '../src/index.ts'

export const TOKEN = 'ya29.simulated'

type SceneOptions = Partial<Omit<SimulatedGmailOptions, 'clock'>> & Pick<SyncSceneOptions, 'plan' | 'around'>

/** Composes a client with one mailbox, a table and a simulated Gmail. */
export function setUp({ plan, around, ...options }: SceneOptions = {}) {
  const clock = createFakeClock()
  const google = simulatedGmail({ clock, random: seededRandom(7), accessToken: TOKEN, ...options })
  const scene = syncScene(gmail({ token: TOKEN }), { clock, provider: google, sync: 'messages', plan, around })
  const { table } = scene
  const idOf = (subject: string) => table.idWhere((each) => each['subject'] === subject)
  const row = (subject: string) => table.rows().find((each) => each['subject'] === subject)
  return {
    ...scene,
    google,
    row,
    idOf,
    both: (params: { readonly format?: 'metadata' | 'full' } = {}) => scene.both({ params }),
    labels: (subject: string) => new Set(row(subject)?.['labelIds'] as readonly string[]),
    /** Changes the labels of a row. */
    relabel(subject: string, ...labelIds: readonly string[]) {
      table.edit(idOf(subject), { labelIds })
    },
  }
}
