/** Asks the shared tier and the versions together, within one budget: what is not known in time is not known. */
import { type Clock, within } from './clock.ts'
import { confirms, type Entry, joinVersions, type VersionSet } from './entry.ts'
import type { Found, Tiers } from './store/tiers.ts'
import type { Terms, Versions } from './versions/versions.ts'

/** What a look-up works with. */
export interface LookUpParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly versions: Versions
}

/** What is asked for. */
export interface Question {
  readonly key: string
  /** The key of a variant, where the key leads to several. */
  readonly variant: (names: readonly string[]) => string
  readonly tags: readonly string[]
  /** How well the versions must be known. */
  readonly terms: Terms
  /** Milliseconds for everything together. */
  readonly budget: number
  /** The versions of `tags`, or their reading under way. */
  readonly reading: VersionSet | Promise<VersionSet | undefined>
  /** An entry in memory that is good if its versions still are. */
  readonly suspect: Entry | undefined
}

/** What was learned in time; without versions nothing may be stored. */
export interface Answer {
  readonly versions: VersionSet | undefined
  readonly found?: Found | undefined
  /** What the shared tier knows of variants. */
  readonly lead?: Entry | undefined
}

/** Looks an entry up. Never rejects: trouble is a miss. */
export async function lookUp(parts: LookUpParts, question: Question): Promise<Answer> {
  // Whatever is known when time runs out is what the run goes on with.
  let learned: Answer = { versions: undefined }
  const learn = (answer: Answer) => {
    learned = answer
  }
  const late = () => new Error('late')
  await within(parts.clock, question.budget, ask(parts, question, learn), late).catch(() => undefined)
  return learned
}

async function ask(parts: LookUpParts, question: Question, learn: (answer: Answer) => void): Promise<void> {
  const { suspect, key } = question
  if (suspect !== undefined && (await isCurrent(parts, question, suspect, undefined)) !== undefined) {
    const versions = await question.reading
    return learn({ versions, found: { entry: suspect, tier: 'l1' } })
  }
  const looking = inShared(parts, key)
  const versions = await question.reading
  learn({ versions })
  const first = await looking
  const lead = first?.variants === undefined ? undefined : first
  if (lead !== undefined) learn({ versions, lead })
  const entry = lead === undefined ? first : await inShared(parts, question.variant(lead.variants!.names))
  if (entry === undefined || versions === undefined || parts.clock.now() >= entry.expiresAt) return
  const current = await isCurrent(parts, question, entry, versions)
  if (current !== undefined) learn({ versions, lead, found: { entry, tier: 'l2' } })
}

/** What the shared tier has; its trouble is a miss. */
async function inShared({ tiers }: LookUpParts, key: string): Promise<Entry | undefined> {
  return Promise.resolve(tiers.shared?.get(key)).catch(() => undefined)
}

/**
 * Whether every version the entry carries is the present one. Tags that are not known yet are read; one that differs is read once more,
 * since the entry may be newer than what this process knows.
 */
async function isCurrent(
  parts: LookUpParts,
  { terms }: Question,
  entry: Entry,
  known: VersionSet | undefined,
): Promise<true | undefined> {
  const { tags } = entry.versions
  const missing = known === undefined ? tags : tags.filter((tag) => !known.tags.includes(tag))
  const read = await parts.versions.read(missing, terms)
  const current = known === undefined ? read : joinVersions(known, read)
  if (confirms(current, entry.versions)) return true
  const differing = tags.filter((tag, i) => current.tokens[current.tags.indexOf(tag)] !== entry.versions.tokens[i])
  const again = await parts.versions.reread(differing, terms)
  const others = tags.filter((tag) => !differing.includes(tag))
  const agreed = { tags: others, tokens: others.map((tag) => current.tokens[current.tags.indexOf(tag)]!) }
  return confirms(joinVersions(again, agreed), entry.versions) ? true : undefined
}
