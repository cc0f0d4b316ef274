// Locks on a Redis Cluster: both keys of one share a slot, whatever it is called, and locks spread over the nodes.
import { expect } from 'chai'
import { Cluster } from 'ioredis'
import { locks } from '../../src/index.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'

// T68
describe('locks on a Redis Cluster', function () {
  this.timeout(30_000)
  let cluster: RedisCluster
  let client: Cluster

  before(async () => {
    cluster = await startCluster()
    client = new Cluster([{ host: '127.0.0.1', port: cluster.nodes[0]!.port }], { keyPrefix: 'pre:' })
  })
  after(async () => {
    client.disconnect()
    await cluster.stop()
  })

  it('are held by one at a time, under any name, and leave the client open', async () => {
    const [one, two] = [locks(client), locks(client)]
    const names = ['}{', '{a}b', '{}', 'ä', ...Array.from({ length: 20 }, (_, i) => `job ${i}`)]
    for (const name of names) {
      const first = await one.lock(name)
      expect(await two.lock(name), name).to.equal(undefined)
      expect(await first?.release(), name).to.equal(true)
      const second = await two.lock(name)
      expect(second?.fencing, name).to.be.above(first!.fencing)
    }
    const held = await Promise.all(cluster.nodes.map((node) => node.cli('KEYS', 'pre:tiercache:lock:*')))
    for (const keys of held) expect(keys).to.contain('pre:tiercache:lock:{')
    await Promise.all([one.close(), two.close()])
    expect(client.status).to.equal('ready')
    const left = await Promise.all(cluster.nodes.map((node) => node.cli('KEYS', 'pre:tiercache:lock:*')))
    expect(
      left
        .join('\n')
        .split('\n')
        .filter((key) => key !== '' && !key.endsWith(':fence')),
    ).to.deep.equal([])
  })
})
