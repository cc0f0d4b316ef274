// What the cache says became of a bump, before the write that called it is answered.
import type { Parts } from '../../src/parts.ts'
import type { BumpResult, Versions } from '../../src/versions/versions.ts'
import { altered } from '../consistency/mutants/altered.ts'

type Bumping = BumpResult | Promise<BumpResult> | undefined

/** Notes the latest bump. */
export class BumpWatch {
  #latest: Bumping

  /** Acts, and tells of the bump that this calls at once, if it calls one. */
  during<T>(act: () => T): { readonly acting: T; readonly bumping: Bumping } {
    this.#latest = undefined
    const acting = act()
    return { acting, bumping: this.#latest }
  }

  /** The same parts, watched. Nothing is put between the engine and its versions but where a mutant is there already. */
  watching(parts: Partial<Parts>): Partial<Parts> {
    const { versions: weaken = (same) => same } = parts
    return { ...parts, versions: (versions) => this.#watched(versions, weaken(versions)) }
  }

  #watched(versions: Versions, weak: Versions): Versions {
    const bump = weak.bump.bind(weak)
    const watched: Versions['bump'] = (tags) => {
      const bumping = bump(tags)
      this.#latest = bumping
      return bumping
    }
    if (weak !== versions) return altered(weak, { bump: watched })
    versions.bump = watched
    return versions
  }
}
