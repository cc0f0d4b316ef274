/** `guard` as Express middleware: 404 for what cannot exist, and new ids into the filter. */
import type { RequestHandler } from 'express'
import type { BloomFilter } from '../guard/bloom/filter.ts'
import { admits, type IdOf, type IdsOf, passes } from '../guard/bloom/guarding.ts'
import { nonexistent } from '../http/bare-answer.ts'
import { holdAnswer } from '../http/hold.ts'
import { replay } from '../http/replay.ts'
import type { ExpressSubject } from './exchange.ts'

/** `guard`, and what adds to its filter. */
export interface Guard {
  /**
   * Middleware that answers 404 to requests for ids that cannot exist, and lets all others pass; so, too, where the filter cannot tell.
   *
   * @param idOf the id that is asked for; undefined = none, the request passes. Where it throws, too
   * @throws CacheConfigError without a filter or a function
   * @example app.get('/users/:id', guard(users, (req) => String(req.params.id)), getUser)
   */
  (filter: BloomFilter, idOf: IdOf<ExpressSubject>): RequestHandler
  /**
   * Middleware that adds ids once the handler succeeded, before the first byte of its answer leaves. Where Redis does not take them
   * within the filter's budget, they wait in this process until it does.
   *
   * @param idsOf called after the handler: what it has added
   * @throws CacheConfigError without a filter or a function
   * @example app.post('/users', guard.add(users, (req, res) => res.locals.user.id), postUser)
   */
  add(filter: BloomFilter, idsOf: IdsOf<ExpressSubject>): RequestHandler
}

function guardRoute(filter: BloomFilter, idOf: IdOf<ExpressSubject>): RequestHandler {
  const mayPass = passes(filter, idOf)
  return function tiercacheGuard(req, res, next) {
    const decide = (pass: boolean) => (pass ? next() : replay(req, res, nonexistent, {}))
    const pass = mayPass(req, res)
    return pass instanceof Promise ? pass.then(decide) : decide(pass)
  }
}

function add(filter: BloomFilter, idsOf: IdsOf<ExpressSubject>): RequestHandler {
  const admit = admits(filter, idsOf)
  return function tiercacheGuardAdd(req, res, next) {
    holdAnswer(res, () => admit(req, res))
    next()
  }
}

/** Both, as the one name that users know. */
export const expressGuard: Guard = Object.assign(guardRoute, { add })
