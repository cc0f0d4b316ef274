/** What Redis has of a filter: of which kind it is, or is to be once it is made. */
import { Bitmap } from './bitmap.ts'
import { runScript } from './client.ts'
import { type FilterKeys, filterKeys } from './filter-keys.ts'
import type { FilterKind, Send, Sight } from './kind.ts'
import type { FilterLayout } from './layout.ts'
import { marksOf } from './marks.ts'
import { lookScript } from './scripts.ts'
import { fitsServer, ServerFilter } from './server-filter.ts'

/** One filter, of the kind last seen. */
export class Stored {
  readonly keys: FilterKeys
  readonly #layout: FilterLayout
  readonly #kinds: { readonly bitmap: FilterKind; readonly bf: FilterKind }
  #kind: FilterKind | undefined

  /** @param base begins the filter's keys */
  constructor(layout: FilterLayout, base: string) {
    this.keys = filterKeys(base, layout)
    this.#layout = layout
    this.#kinds = { bitmap: new Bitmap(layout, this.keys), bf: new ServerFilter(layout, this.keys) }
  }

  /** The kind last seen, undefined before the first look. */
  get kind(): FilterKind | undefined {
    return this.#kind
  }

  async look(send: Send): Promise<{ readonly kind: FilterKind; readonly sight: Sight }> {
    const keys = [this.keys.bf, ...this.keys.bits]
    const args = [this.#layout.head, fitsServer(this.#layout) ? 1 : 0, ...marksOf(this.#layout)]
    const [name, found] = (await send((client) => runScript(client, lookScript, keys, args))) as [
      FilterKind['name'],
      string | number,
    ]
    const kind = this.#kinds[name]
    this.#kind = kind
    if (typeof found === 'string') return { kind, sight: { other: found.trim() } }
    return { kind, sight: found === 1 ? 'whole' : 'missing' }
  }
}
