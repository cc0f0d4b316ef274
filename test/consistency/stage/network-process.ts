// The network between all processes and Redis: a process of its own, so that nothing but a fault ever holds it up.
import { FaultProxy } from './fault-proxy.ts'
import type { NetworkAnswer, NetworkOrder } from './network.ts'

const [ways = 0, target = 0] = process.argv.slice(2).map(Number)
const proxies = Array.from({ length: ways }, () => new FaultProxy(target))
await Promise.all(proxies.map((proxy) => proxy.start()))

process.on('message', (order: NetworkOrder) => {
  if (order.type === 'lead') for (const proxy of proxies) proxy.lead(order.target)
  else proxies[order.way]!.set(order.role, order.condition)
  say({ type: 'done' })
})
process.once('disconnect', () => process.exit(0))
say({ type: 'listening', urls: proxies.map(({ url }) => url) })

function say(answer: NetworkAnswer): void {
  process.send!(answer)
}
