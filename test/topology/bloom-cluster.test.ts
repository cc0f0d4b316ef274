// A Bloom filter on a Redis Cluster: all its keys lie in one slot, so everything works as on one server.
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { eachFilterKind } from '../support/filter-kinds.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'
import { known, opening, strangers } from '../tiers/filters.ts'

const many = (count: number, prefix = 'id') => Array.from({ length: count }, (_, i) => `${prefix}:${i}`)

eachFilterKind('a Bloom filter on a Redis Cluster', (kind) => {
  const open = opening()
  let servers: RedisCluster
  let client: Cluster

  before(async () => {
    servers = await startCluster({ args: kind.args })
    client = new Cluster([...servers.urls])
  })
  after(async () => {
    client.disconnect()
    await servers.stop()
  })

  it('keeps its keys in one slot, whatever the names', async () => {
    const slots = new Set<number>()
    for (const name of ['users', 'products', 'orders']) {
      const { filter } = open(client, name, { size: 500_000 })
      await filter.addMany(['a'])
      const { keys } = await filter.info()
      const own = new Set(await Promise.all(keys.map((key) => servers.slotOf(key))))
      expect(own.size).to.equal(1)
      slots.add([...own][0]!)
    }
    expect(slots.size).to.equal(3)
  })

  it('adds, asks, and rebuilds while others add', async () => {
    const { filter } = open(client, 'rebuilt', { size: 200_000 })
    const other = open(client, 'rebuilt', { size: 200_000 }).filter
    await filter.addMany(many(20_000))
    expect(await known(other, many(1_000))).to.equal(1_000)
    await filter.rebuild(
      (async function* () {
        await other.add('meanwhile')
        yield* many(20_000, 'new')
      })(),
    )
    expect(await known(other, many(1_000, 'new'))).to.equal(1_000)
    expect(await other.has('meanwhile')).to.equal(true)
    expect(await known(other, [...strangers(500), ...many(500)])).to.be.below(30)
  })

  it('asks the node that has it, and no other', async () => {
    const { filter } = open(client, 'asked')
    await filter.addMany(['a'])
    await Promise.all(servers.nodes.map((node) => node.resetStats()))
    expect(await known(filter, ['a', ...strangers(40)])).to.be.below(5)
    const counts = await Promise.all(
      servers.nodes.map(async (node) => (await node.commandStats())[kind.asking[0]!] ?? 0),
    )
    expect(counts.sort((a, b) => a - b)).to.deep.equal([0, 0, 41])
    // A node that is asked for another's key says so, which costs a second round trip.
    const errors = await Promise.all(servers.nodes.map((node) => node.cli('INFO', 'errorstats')))
    expect(errors.join()).to.not.match(/MOVED/)
  })

  it('leaves the cluster that it was given open', async () => {
    const { filter } = open(client, 'closed')
    await filter.addMany(['a'])
    await filter.close()
    expect(await client.get('anything')).to.equal(null)
  })
})
