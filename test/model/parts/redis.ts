// What Redis does with version keys: makes tokens, bumps, keeps markers, and tells its subscribers.
import { changed } from './change.ts'
import type { Setting } from './scenario.ts'
import type { Bus, Key, Message, Node, Standing, State, Token } from './state.ts'

/** A state, and the token it came with. */
export interface Made {
  readonly state: State
  readonly token: Token
}

export const isMarker = (token: Token): boolean => token.includes('!')

/** The server's time in a token, whatever generation stands before it. */
export const timeOf = (token: Token): number => Number(/(\d+)\.\d+$/.exec(token)?.[1] ?? 0)

/** A token as processes compare it. */
export function effective({ keeps }: Setting, generation: number, token: Token): Token {
  return keeps.generationIsPartOfTokens ? `${generation}:${token}` : token
}

export const keyOf = (state: State, node: number, tag: number): Key | undefined => state.redis.nodes[node]!.keys[tag]

export const withNode = (state: State, node: number, change: Partial<Node>): State => ({
  ...state,
  redis: { ...state.redis, nodes: changed(state.redis.nodes, node, (former) => ({ ...former, ...change })) },
})

export function withKey(state: State, node: number, tag: number, key: Key | undefined): State {
  return withNode(state, node, { keys: changed(state.redis.nodes[node]!.keys, tag, () => key) })
}

/** The token of a tag; a missing key gets a fresh one, which is told like a bump. */
export function readKey(setting: Setting, state: State, node: number, tag: number): Made {
  const held = keyOf(state, node, tag)
  if (held !== undefined) return { state, token: held.token }
  return setting.keeps.tokensAreUnique ? setFresh(state, node, tag) : { state, token: '0' }
}

/** Bumps a tag. The marker of a writer at work stays; those who hold something else are told all the same. */
export function bumpKey({ keeps }: Setting, state: State, node: number, tag: number): Made {
  const held = keyOf(state, node, tag)
  if (!keeps.tokensAreUnique) return set(state, node, tag, { token: `${Number(held?.token ?? 0) + 1}` })
  if (held?.standing === undefined || !keeps.bumpsLeaveMarkers) return setFresh(state, node, tag)
  if (keeps.bumpsRenameMarkers) return setFresh(state, node, tag, held.standing)
  return { state: published(state, node, { kind: 'bump', tag, token: held.token }), token: held.token }
}

/** A writer announces a write, or renews: those at work are listed in the marker. */
export function beginIntent(state: State, tag: number, standing: Standing): State {
  const { owner } = state.redis
  const others = othersAtWork(state, tag, standing.writer)
  return setFresh(state, owner, tag, [...others, standing]).state
}

/** The same list with a later deadline: nobody needs to hear of it, unless a writer was given up since. */
export function renewIntent({ keeps }: Setting, state: State, tag: number, standing: Standing): State {
  const held = keyOf(state, state.redis.owner, tag)
  const isListed = held?.standing?.some(({ writer }) => writer === standing.writer) === true
  const hasLost = held?.standing?.some(({ within }) => within === 0) === true && keeps.deadWritersRenameMarkers
  if (!isListed || hasLost) return beginIntent(state, tag, standing)
  const others = held.standing!.filter(({ writer }) => writer !== standing.writer)
  return withKey(state, state.redis.owner, tag, { ...held, standing: [...others, standing] })
}

/** A writer is done: it leaves the list, and the last one bumps. */
export function endIntent({ keeps }: Setting, state: State, tag: number, writer: string): State {
  const others = keeps.writersLeaveMarkersToOthers ? othersAtWork(state, tag, writer) : []
  return setFresh(state, state.redis.owner, tag, others).state
}

function othersAtWork(state: State, tag: number, self: string): readonly Standing[] {
  const standing = keyOf(state, state.redis.owner, tag)?.standing ?? []
  return standing.filter(({ writer, within }) => writer !== self && within > 0)
}

function setFresh(state: State, node: number, tag: number, standing: readonly Standing[] = []): Made {
  const former = keyOf(state, node, tag)
  const clock = state.redis.time + 1
  const time = Math.max(clock, timeOf(former?.token ?? '') + 1)
  const made = state.redis.made + 1
  const later = { ...state, redis: { ...state.redis, time: clock, made } }
  if (standing.length === 0) return set(later, node, tag, { token: `${time}.${made}` })
  return set(later, node, tag, { token: `!${time}.${made}`, standing })
}

function set(state: State, node: number, tag: number, key: Key): Made {
  const { token } = key
  return { state: published(withKey(state, node, tag, key), node, { kind: 'bump', tag, token }), token }
}

/** Whether what is published at this node reaches the subscription: there, or at its replica. */
export function hears({ redis }: State, bus: Bus, node: number): boolean {
  const isThere = bus.node === node || (node === redis.owner && redis.follows === true)
  return bus.alive && bus.session > 0 && isThere
}

/** Tells those whose subscription stands at this node. */
function published(state: State, node: number, message: Message): State {
  const processes = state.processes.map((process) => {
    const { bus } = process
    return hears(state, bus, node) ? { ...process, bus: { ...bus, queue: [...bus.queue, message] } } : process
  })
  return { ...state, processes }
}
