// Whether a replica follows its primary, and how to make it fall behind for good: what is confirmed from then on is lost with the primary.
import { expect } from 'chai'
import { eventually } from './gate.ts'
import type { RedisServer } from './redis-server.ts'

/** Resolves when the replica holds all that the primary confirmed so far. */
async function caughtUp(primary: RedisServer, replica: RedisServer): Promise<void> {
  const wanted = await offset(primary, 'master_repl_offset')
  await eventually(async () => expect(await offset(replica, 'slave_repl_offset')).to.be.at.least(wanted), {
    within: 5_000,
  })
}

async function offset(server: RedisServer, field: string): Promise<number> {
  const info = await server.cli('INFO', 'replication')
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1])
}

/**
 * Cuts the replica off and resolves when the primary has none: it asks again and again, as nobody whom the primary lets in. That both
 * run on keeps those who watch them from noticing.
 *
 * @returns lets it in again
 */
export async function cutReplication(primary: RedisServer, replica: RedisServer): Promise<() => Promise<void>> {
  await caughtUp(primary, replica)
  await replica.cli('CONFIG', 'SET', 'masteruser', 'nobody', 'masterauth', 'wrong')
  await primary.cli('CLIENT', 'KILL', 'TYPE', 'replica')
  await eventually(async () => expect(await primary.cli('INFO', 'replication')).to.contain('connected_slaves:0'))
  return async () => void (await replica.cli('CONFIG', 'SET', 'masteruser', '', 'masterauth', ''))
}

/** Rejects unless the server is a replica that follows its primary. */
export async function assertInStep(replica: RedisServer): Promise<void> {
  const info = await replica.cli('INFO', 'replication')
  if (!info.includes('master_link_status:up')) throw new Error(`It does not follow:\n${info}`)
}
